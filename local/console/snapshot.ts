import { type OutlineState, outlineOf } from '../../cli/machine-outline.ts';
import type { CloudView, ClusterView, ExecutionView, StateView } from '../contracts.ts';
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

export interface ExecutionSummary extends Omit<ExecutionView, 'definition' | 'states'> {
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
    executions: [...(provision ? [provision] : []), ...others].map(summarise),
    instances: cloud.instances,
    queues: cloud.queues,
    nodes: cluster.nodes,
    pods: cluster.pods,
    chat: { ...(chat.action ? { action: chat.action } : {}), messages: chat.messages.map(chatLine) },
  };
}

function summarise({ definition, ...execution }: ExecutionView): ExecutionSummary {
  return { ...execution, outline: outlineOf(definition as Parameters<typeof outlineOf>[0]) };
}

function chatLine({ file, ...message }: Chat['messages'][number]): ChatLine {
  return {
    ...message,
    ...(file ? { file: { id: file.id, name: file.name, isPicture: file.mimeType.startsWith('image/') } } : {}),
  };
}
