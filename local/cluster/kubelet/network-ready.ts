/** When a node has a pod network: once Calico's pod on it has been ready, as its configuration then lies on the disk. */
import { types } from '../apimachinery/builtin-types.ts';
import { controllerOf, isPodReady, type KubeObject } from '../apimachinery/object.ts';
import type { Objects } from '../storage/objects.ts';

export interface NodeNetwork {
  isReady(): boolean;
  /** Resolves when the network is there; rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<void>;
  onReady(listener: () => void): () => void;
  stop(): void;
}

export function watchNetwork(objects: Objects, nodeName: string): NodeNetwork {
  const isNetworkPod = (pod: KubeObject): boolean =>
    pod.spec.nodeName === nodeName && controllerOf(pod)?.name === 'calico-node' && isPodReady(pod);
  const listeners = new Set<() => void>();
  let isReady = objects.list(types.pods).some(isNetworkPod);
  const unsubscribe = objects.store.subscribe(({ storage, object }) => {
    if (isReady || storage !== types.pods.storage || !isNetworkPod(object)) return;
    isReady = true;
    for (const listener of listeners) listener();
    listeners.clear();
  });
  return {
    isReady: () => isReady,
    ready: (signal) =>
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
    stop: unsubscribe,
  };
}
