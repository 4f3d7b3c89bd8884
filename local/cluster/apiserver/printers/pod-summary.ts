/** One word for a pod's state, as `kubectl get pods` prints it and the page shows it. */
import type { KubeObject, Open } from '#local/cluster/apimachinery/object.ts';

export function podReason(pod: KubeObject): string {
  const { status = {}, metadata } = pod;
  let reason: string = status.reason ?? status.phase ?? 'Pending';
  const initial = (status.initContainerStatuses ?? []).findIndex(
    ({ state }: Open) => state?.terminated?.exitCode !== 0,
  );
  if (initial !== -1) reason = initReason(pod, initial);
  else {
    for (const { state, ready } of [...(status.containerStatuses ?? [])].reverse()) {
      if (state?.waiting?.reason) reason = state.waiting.reason;
      else if (state?.terminated) reason = state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`;
      else if (state?.running && ready && reason === 'Completed') reason = 'Running';
    }
  }
  return metadata.deletionTimestamp ? 'Terminating' : reason;
}

function initReason({ spec, status }: KubeObject, index: number): string {
  const { state } = status.initContainerStatuses[index];
  if (state?.terminated) return `Init:${state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`}`;
  if (state?.waiting?.reason && state.waiting.reason !== 'PodInitializing') return `Init:${state.waiting.reason}`;
  return `Init:${index}/${spec.initContainers.length}`;
}

export function podRestarts({ status }: KubeObject): number {
  return (status?.containerStatuses ?? []).reduce((sum: number, { restartCount }: Open) => sum + restartCount, 0);
}
