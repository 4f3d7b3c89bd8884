import type { V1Node } from '@kubernetes/client-node';
import { drainTaintKey } from '../shared/cluster/drain-taint.ts';

/**
 * 'replace': the worker of the instance is to be replaced. 'many': more than half of the workers are not Ready, which is the network's or
 * the control plane's fault; new instances would not be better. That is told once, in the minute when it has lasted too long.
 */
export type LostWorkers =
  | { readonly outcome: 'none' }
  | { readonly outcome: 'many'; readonly nodes: string }
  | { readonly outcome: 'replace'; readonly instanceId: string; readonly node: string; readonly reason: string };

const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';

export interface LookOptions {
  readonly lostAfterSeconds: number;
  /** Between two looks. */
  readonly roundSeconds: number;
}

/** One at a time, the one that has been lost for the longest; those that are drained already are on their way. */
export function lostWorkers(nodes: readonly V1Node[], { lostAfterSeconds, roundSeconds }: LookOptions): LostWorkers {
  const workers = nodes.filter(({ metadata }) => metadata?.labels?.[controlPlaneLabel] === undefined);
  const unready = workers.filter((node) => readyOf(node)?.status !== 'True');
  const limit = Date.now() - lostAfterSeconds * 1000;
  const [longest] = unready
    .filter((node) => sinceOf(node) < limit && !isDraining(node))
    .toSorted((a, b) => sinceOf(a) - sinceOf(b));
  const instanceId = longest?.spec?.providerID?.split('/').at(-1);
  if (longest === undefined || instanceId === undefined) return { outcome: 'none' };
  if (unready.length * 2 > workers.length && workers.length > 1)
    return sinceOf(longest) > limit - roundSeconds * 1000
      ? { outcome: 'many', nodes: unready.map(nameOf).join(', ') }
      : { outcome: 'none' };
  const { reason = 'Unknown', lastTransitionTime } = readyOf(longest) ?? {};
  const since = lastTransitionTime === undefined ? '' : ` since ${new Date(lastTransitionTime).toISOString()}`;
  return { outcome: 'replace', instanceId, node: nameOf(longest), reason: `${reason}${since}` };
}

const nameOf = ({ metadata }: V1Node): string => metadata?.name ?? '';
const readyOf = ({ status }: V1Node) => status?.conditions?.find(({ type }) => type === 'Ready');
const isDraining = ({ spec }: V1Node): boolean => spec?.taints?.some(({ key }) => key === drainTaintKey) === true;

/** Unix milliseconds: of its last change, or of the node's creation while its kubelet has never reported. */
function sinceOf(node: V1Node): number {
  const since = readyOf(node)?.lastTransitionTime ?? node.metadata?.creationTimestamp;
  return since === undefined ? Number.POSITIVE_INFINITY : new Date(since).getTime();
}
