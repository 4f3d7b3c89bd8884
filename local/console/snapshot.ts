import { type OutlineState, outlineOf } from '@stepkube/tools/executions/outline.ts';
import { z } from 'zod';
import type { CloudView, ClusterView, ExecutionView, StateView } from '../contracts/views.ts';
import type { Chat } from '../telegram/chat.ts';

/** Everything the page shows, as one JSON document. */
export interface Snapshot {
  readonly about: About;
  readonly executions: readonly ExecutionSummary[];
  readonly instances: CloudView['instances'];
  readonly queues: CloudView['queues'];
  /** The workers' Auto Scaling group. */
  readonly workers: CloudView['groups'][number] | undefined;
  /** Those that are on. */
  readonly alarms: CloudView['alarms'];
  readonly notifications: CloudView['notifications'];
  readonly nodes: ClusterView['nodes'];
  readonly pods: ClusterView['pods'];
  readonly chat: ChatSummary;
}

export interface About {
  /** The twin's clock, ISO 8601. */
  readonly time: string;
  readonly clusterName: string;
  readonly region: string;
  /** The weights that yolo5 runs, e.g. 'demo model'. */
  readonly model: string;
  /** How many times faster than real time simulated waiting runs. */
  readonly timeScale: number;
  /** File names of the sample pictures. */
  readonly samples: readonly string[];
}

export interface ExecutionSummary extends Omit<ExecutionView, 'definition' | 'states' | 'input'> {
  /** e.g. 'provision-cluster', 'install-runtime · i-0a1b…' */
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

/** Besides the latest execution of provision-cluster. */
const maxShownExecutions = 12;

const maxShownNotifications = 5;

export function takeSnapshot(about: About, cloud: CloudView, cluster: ClusterView, chat: Chat): Snapshot {
  const newestFirst = [...cloud.executions].sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const provision = newestFirst.find((execution) => execution.machine.endsWith('provision-cluster'));
  const others = newestFirst.filter((execution) => execution !== provision).slice(0, maxShownExecutions);
  return {
    about,
    executions: [...(provision ? [provision] : []), ...others].map((execution) =>
      summarize(execution, about.clusterName),
    ),
    instances: cloud.instances.toSorted((a, b) => a.role.localeCompare(b.role)), // the control plane first
    queues: cloud.queues.filter(isShown),
    workers: cloud.groups[0],
    alarms: cloud.alarms.filter(({ state }) => state === 'ALARM'),
    notifications: cloud.notifications.slice(-maxShownNotifications),
    nodes: cluster.nodes,
    pods: cluster.pods,
    chat: { ...(chat.action ? { action: chat.action } : {}), messages: chat.messages.map(chatLine) },
  };
}

/** Dead-letter queues are shown once they have messages. */
function isShown({ name, visible, inFlight }: CloudView['queues'][number]): boolean {
  return !name.endsWith('-dead-letters') || visible + inFlight > 0;
}

function summarize({ definition, input, ...execution }: ExecutionView, cluster: string): ExecutionSummary {
  const outline = outlineOf(definition as Parameters<typeof outlineOf>[0]);
  return { ...execution, title: titleOfExecution(execution.machine, input, cluster), outline };
}

/** What the inputs of run-command, join-node and drain-node tell about an execution. */
const executionInput = z.object({ documentName: z.string(), instanceId: z.string() }).partial().catch({});

function titleOfExecution(machine: string, input: unknown, cluster: string): string {
  const { documentName, instanceId } = executionInput.parse(input);
  const name = (documentName ?? machine).replace(`${cluster}-`, '');
  return instanceId === undefined ? name : `${name} · ${instanceId.slice(0, 6)}…`;
}

function chatLine({ file, ...message }: Chat['messages'][number]): ChatLine {
  return {
    ...message,
    ...(file ? { file: { id: file.id, name: file.name, isPicture: file.mimeType.startsWith('image/') } } : {}),
  };
}
