import { type KubeConfig, Watch } from '@kubernetes/client-node';

export interface ObjectEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
}

/**
 * Yields the changes of a list's objects after its resource version, until the server ends the watch or the signal aborts. Never
 * throws: however the watch ended, the caller lists again.
 * @param path e.g. '/api/v1/nodes'
 * @param query `resourceVersion` and selectors
 */
export async function* watchObjects<T>(
  config: KubeConfig,
  path: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<ObjectEvent<T>> {
  const events: ObjectEvent<T>[] = [];
  let ended = signal.aborted;
  let wake = Promise.withResolvers<void>();
  const end = () => {
    ended = true;
    wake.resolve();
  };
  signal.addEventListener('abort', end, { once: true });
  const request = await new Watch(config).watch(
    path,
    query,
    (type, object: T) => {
      if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') events.push({ type, object });
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
