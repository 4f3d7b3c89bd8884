import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';

const maxPods = 3;
const maxMessageCharacters = 500;

/** Says why pods are not ready, a line for each of the first few: 'polybot-x: container polybot: CrashLoopBackOff, ...'. */
export function reasonsOf(pods: readonly V1Pod[]): string[] {
  const unhealthy = pods.flatMap((pod) => {
    const reasons = podReasons(pod);
    return reasons.length === 0 ? [] : [`${pod.metadata?.name}: ${reasons.join('; ')}`];
  });
  const hidden = unhealthy.length - maxPods;
  return hidden > 0 ? [...unhealthy.slice(0, maxPods), `and ${hidden} more`] : unhealthy;
}

/** @returns nothing if the pod is ready or is being deleted. */
function podReasons({ metadata, status }: V1Pod): string[] {
  if (metadata?.deletionTimestamp !== undefined) return [];
  const condition = (type: string) => status?.conditions?.find((candidate) => candidate.type === type);
  if (condition('Ready')?.status === 'True') return [];
  const scheduled = condition('PodScheduled');
  if (scheduled?.status === 'False') return [`${scheduled.reason ?? 'not scheduled'}: ${scheduled.message ?? ''}`];
  if (status?.reason !== undefined) return [`${status.reason}: ${status.message ?? ''}`];
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const reasons = containers.flatMap((container) => {
    const reason = containerReason(container);
    return reason === undefined ? [] : [`container ${container.name}: ${reason}`];
  });
  return reasons.length > 0 ? reasons : [`is ${status?.phase ?? 'unknown'} and not ready`];
}

function containerReason({ ready, state, lastState, restartCount }: V1ContainerStatus): string | undefined {
  if (ready) return undefined;
  const before = lastState?.terminated;
  if (state?.waiting !== undefined) {
    const { reason = 'waiting', message } = state.waiting;
    return join([reason, message, before && `last run: ${describeEnd(before)}`]);
  }
  if (state?.terminated !== undefined) {
    return state.terminated.exitCode === 0 ? undefined : describeEnd(state.terminated);
  }
  return join([
    'runs, but is not ready',
    restartCount > 0 ? `restarted ${restartCount} times` : undefined,
    before && `last run: ${describeEnd(before)}`,
  ]);
}

function describeEnd(end: { exitCode: number; reason?: string; message?: string }): string {
  return join([`${end.reason ?? 'ended'} with exit code ${end.exitCode}`, end.message]);
}

function join(parts: readonly (string | undefined)[]): string {
  return parts
    .filter((part): part is string => Boolean(part))
    .map((part) => part.trim().slice(-maxMessageCharacters))
    .join(', ');
}
