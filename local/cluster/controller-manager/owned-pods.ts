/** The pods that a controller has created. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Pod, Workload } from '../apimachinery/kinds.ts';
import { controllerOf } from '../apimachinery/object.ts';
import { isPodFinished } from '../apimachinery/pods.ts';
import type { Client } from '../client/client.ts';

export function ownedPods(client: Client, { metadata }: Workload): Pod[] {
  return client.list(types.pods, metadata.namespace).filter((pod) => controllerOf(pod)?.uid === metadata.uid);
}

/** Neither finished nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !pod.metadata.deletionTimestamp && !isPodFinished(pod);
}
