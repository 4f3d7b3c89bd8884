import type { CoreV1Api, V1Pod } from '@kubernetes/client-node';
import { callKubernetes, statusOf } from './kubernetes.ts';
import { isFinished, nameOf } from './pods.ts';

export type Eviction =
  | { readonly outcome: 'evicted' | 'forced' | 'gone' }
  /** A disruption budget, or a namespace that is being deleted: to be tried again. */
  | { readonly outcome: 'refused'; readonly why: string };

export interface EvictionContext {
  readonly api: CoreV1Api;
  readonly server: string;
  /** Until disruption budgets are no longer asked; not positive: they are bypassed. */
  readonly secondsLeft: number;
}

/** A grace of 0 seconds would let a second pod of a StatefulSet start beside this one. */
const minGraceSeconds = 1;

/**
 * Evicts one pod, and no other one of the same name: its UID is the precondition. Its own grace counts, but not beyond the deadline.
 * @throws ClusterUnreachableError
 */
export async function evict(pod: V1Pod, { api, server, secondsLeft }: EvictionContext): Promise<Eviction> {
  const { name = '', namespace = '', uid = '' } = pod.metadata ?? {};
  const ownGrace = pod.spec?.terminationGracePeriodSeconds ?? 30;
  const isBypassed = secondsLeft <= 0;
  const gracePeriodSeconds = Math.max(minGraceSeconds, Math.min(ownGrace, Math.floor(secondsLeft)));
  const deleteOptions = { gracePeriodSeconds, preconditions: { uid } };
  try {
    if (isBypassed || isFinished(pod)) {
      await callKubernetes(server, () => api.deleteNamespacedPod({ name, namespace, body: deleteOptions }));
      return { outcome: isBypassed ? 'forced' : 'evicted' };
    }
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, deleteOptions };
    await callKubernetes(server, () => api.createNamespacedPodEviction({ name, namespace, body }));
    return { outcome: 'evicted' };
  } catch (error) {
    const status = statusOf(error);
    // Another pod has the name now: the one that was to go is gone.
    if (status === 404 || status === 409) return { outcome: 'gone' };
    if (status === undefined) throw error;
    return { outcome: 'refused', why: `${nameOf(pod)}: ${messageOf(error, status)}` };
  }
}

/** What the API server says, such as which budget needs how many pods. */
function messageOf(error: unknown, status: number): string {
  const body = (error as { readonly body?: unknown }).body;
  const parsed = typeof body === 'string' ? parse(body) : body;
  const { message, details } = (parsed ?? {}) as {
    message?: string;
    details?: { causes?: readonly { message?: string }[] };
  };
  return details?.causes?.[0]?.message ?? message ?? `answered HTTP ${status}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
