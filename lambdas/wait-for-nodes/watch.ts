import { type KubeConfig, type V1Node, Watch } from '@kubernetes/client-node';

export interface NodeEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly node: V1Node;
}

/**
 * Yields the changes of the cluster's nodes after `resourceVersion`, until the server ends the watch or the signal aborts.
 * Never throws: however the watch ended, the caller lists again.
 */
export async function* watchNodes(
  config: KubeConfig,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<NodeEvent> {
  const events: NodeEvent[] = [];
  let ended = signal.aborted;
  let wake = Promise.withResolvers<void>();
  const end = () => {
    ended = true;
    wake.resolve();
  };
  signal.addEventListener('abort', end, { once: true });
  const request = await new Watch(config).watch(
    '/api/v1/nodes',
    { resourceVersion },
    (type, node: V1Node) => {
      if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') events.push({ type, node });
      else if (type === 'ERROR') ended = true; // the resource version has expired
      wake.resolve();
    },
    end,
  );
  try {
    while (true) {
      for (let event = events.shift(); event !== undefined; event = events.shift()) yield event;
      if (ended) return;
      await wake.promise;
      wake = Promise.withResolvers();
    }
  } finally {
    signal.removeEventListener('abort', end);
    request.abort();
  }
}
