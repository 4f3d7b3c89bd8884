/** Whether a node has a pod network: from the moment that Calico's pod on it is ready, its CNI configuration is on disk. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Pod } from '../apimachinery/kinds.ts';
import { controllerOf } from '../apimachinery/object.ts';
import { isPodReady } from '../apimachinery/pods.ts';
import type { Client } from '../client/client.ts';

export interface NodeNetwork {
  isReady(): boolean;
  /** Resolves when the network is ready; rejects with the signal's reason. */
  waitUntilReady(signal: AbortSignal): Promise<void>;
  /** Calls `listener` once, when the network gets ready. @returns how to stop that */
  onReady(listener: () => void): () => void;
  stop(): void;
}

export function watchNodeNetwork(client: Client, nodeName: string): NodeNetwork {
  const isNetworkPod = (pod: Pod): boolean =>
    pod.spec.nodeName === nodeName && controllerOf(pod)?.name === 'calico-node' && isPodReady(pod);
  const listeners = new Set<() => void>();
  let isReady = client.list(types.pods).some(isNetworkPod);
  const stop = client.watch(types.pods, ({ object }) => {
    if (isReady || !isNetworkPod(object)) return;
    isReady = true;
    for (const listener of listeners) listener();
    listeners.clear();
  });
  return {
    isReady: () => isReady,
    waitUntilReady: (signal) =>
      new Promise((resolve, reject) => {
        if (isReady) return resolve();
        if (signal.aborted) return reject(signal.reason);
        listeners.add(resolve);
        signal.addEventListener('abort', () => {
          listeners.delete(resolve);
          reject(signal.reason);
        });
      }),
    onReady: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop,
  };
}
