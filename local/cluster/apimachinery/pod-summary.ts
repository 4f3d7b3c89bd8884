/** A pod's state in one word and a number, as `kubectl get pods` prints them. */
import type { Pod } from './kinds.ts';

/** The STATUS column: 'Running', 'CrashLoopBackOff', 'Init:0/1', 'Terminating', ... */
export function podStatusReason(pod: Pod): string {
  const { status = {}, metadata } = pod;
  if (metadata.deletionTimestamp) return 'Terminating';
  const pendingInit = (status.initContainerStatuses ?? []).findIndex(({ state }) => state?.terminated?.exitCode !== 0);
  if (pendingInit !== -1) return initReason(pod, pendingInit);
  let reason = status.reason ?? status.phase ?? 'Pending';
  for (const { state, ready } of (status.containerStatuses ?? []).toReversed()) {
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) reason = state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`;
    else if (state?.running && ready && reason === 'Completed') reason = 'Running';
  }
  return reason;
}

function initReason({ spec, status }: Pod, index: number): string {
  const state = status?.initContainerStatuses?.[index]?.state;
  if (state?.terminated) return `Init:${state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`}`;
  if (state?.waiting?.reason && state.waiting.reason !== 'PodInitializing') return `Init:${state.waiting.reason}`;
  return `Init:${index}/${spec.initContainers?.length ?? 0}`;
}

/** The RESTARTS column. */
export function podRestartCount({ status }: Pod): number {
  return (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}
