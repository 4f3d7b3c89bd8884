import { type OutlineState, outlineOf } from '@stepkube/tools/executions/outline.ts';
import type { CloudView, ClusterView, ExecutionView, StateView } from '../contracts/views.ts';
import type { Chat } from '../telegram/chat.ts';

/** Everything the page shows, as one JSON document. */
export interface Snapshot {
  readonly about: About;
  readonly executions: readonly ExecutionSummary[];
  readonly instances: CloudView['instances'];
  readonly queues: CloudView['queues'];
  readonly nodes: ClusterView['nodes'];
  readonly pods: ClusterView['pods'];
  readonly chat: ChatSummary;
}

export interface About {
  readonly clusterName: string;
  readonly region: string;
  /** Which weights yolo5 runs, e.g. 'demo model'. */
  readonly model: string;
  readonly timeScale: number;
  /** Names of sample pictures that the page offers. */
  readonly samples: readonly string[];
}

export interface ExecutionSummary extends Omit<ExecutionView, 'definition' | 'states' | 'input'> {
  /** For people: 'install-runtime on i-0a1b…', 'join-node i-0a1b…'. */
  readonly title: string;
  readonly outline: readonly OutlineState[];
  readonly states: readonly StateView[];
}

export interface ChatSummary {
  readonly action?: string;
  readonly messages: readonly ChatLine[];
}

export interface ChatLine {
  readonly id: number;
  readonly from: 'user' | 'bot';
  readonly sentAt: string;
  readonly text?: string;
  readonly replyTo?: number;
  readonly file?: { readonly id: string; readonly name: string; readonly isPicture: boolean };
}

const shownExecutions = 12;

export function takeSnapshot(about: About, cloud: CloudView, cluster: ClusterView, chat: Chat): Snapshot {
  const newestFirst = [...cloud.executions].sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const provision = newestFirst.find((execution) => execution.machine.endsWith('provision-cluster'));
  const others = newestFirst.filter((execution) => execution !== provision).slice(0, shownExecutions);
  return {
    about,
    executions: [...(provision ? [provision] : []), ...others].map((execution) =>
      summarise(execution, about.clusterName),
    ),
    instances: cloud.instances.toSorted((a, b) => a.role.localeCompare(b.role)), // the control plane first
    queues: cloud.queues.filter(isWorthShowing),
    nodes: cluster.nodes,
    pods: cluster.pods,
    chat: { ...(chat.action ? { action: chat.action } : {}), messages: chat.messages.map(chatLine) },
  };
}

/** A dead-letter queue matters once something is in it. */
function isWorthShowing({ name, visible, inFlight }: CloudView['queues'][number]): boolean {
  return !name.endsWith('-dead-letters') || visible + inFlight > 0;
}

function summarise({ definition, input, ...execution }: ExecutionView, cluster: string): ExecutionSummary {
  const outline = outlineOf(definition as Parameters<typeof outlineOf>[0]);
  return { ...execution, title: titleOfExecution(execution.machine, input, cluster), outline };
}

function titleOfExecution(machine: string, input: unknown, cluster: string): string {
  const { documentName, instanceId } = input as { documentName?: string; instanceId?: string };
  const name = (documentName ?? machine).replace(`${cluster}-`, '');
  return instanceId === undefined ? name : `${name} · ${instanceId.slice(0, 6)}…`;
}

function chatLine({ file, ...message }: Chat['messages'][number]): ChatLine {
  return {
    ...message,
    ...(file ? { file: { id: file.id, name: file.name, isPicture: file.mimeType.startsWith('image/') } } : {}),
  };
}
