/** The cloud controller manager's own pod, without which the simulated controllers do nothing. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Pod } from '../apimachinery/kinds.ts';
import { controllerOf } from '../apimachinery/object.ts';
import { isPodReady } from '../apimachinery/pods.ts';
import type { Client } from '../client/client.ts';
import { type Key, type Watch, watch } from '../client/controller.ts';

function isOwnPod(pod: Pod): boolean {
  return controllerOf(pod)?.name.endsWith('cloud-controller-manager') ?? false;
}

export function isOwnPodReady(client: Client): boolean {
  return client.list(types.pods, 'kube-system').some((pod) => isOwnPod(pod) && isPodReady(pod));
}

/** Enqueues the keys whenever the own pod changes: it may have become ready. */
export function watchOwnPod(keys: () => readonly Key[]): Watch {
  return watch(types.pods, (pod) => (isOwnPod(pod) ? keys() : []));
}
