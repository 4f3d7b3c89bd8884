/** A pod's status, from the states of its containers. */
import { withCondition } from '../apimachinery/conditions.ts';
import type { Container, ContainerStatus, Pod } from '../apimachinery/kinds.ts';
import { timestamp } from '../apimachinery/object.ts';
import type { ContainerRunner } from './container-runner.ts';

export interface PodState {
  readonly hostIp: string;
  /** undefined until the pod has one. */
  readonly podIp: string | undefined;
  readonly initContainers: readonly ContainerRunner[];
  readonly containers: readonly ContainerRunner[];
  /** undefined until the pod has finished. */
  readonly finalPhase: 'Succeeded' | 'Failed' | undefined;
  /** A container that cannot start. */
  readonly blocked: { readonly container: string; readonly reason: string; readonly message: string } | undefined;
}

export function writePodStatus(draft: Pod, state: PodState): void {
  const { hostIp, podIp, initContainers, containers, finalPhase } = state;
  const isInitialized = containers.length > 0 && initContainers.every(({ hasSucceeded }) => hasSucceeded);
  const hasRun = containers.some(
    (container) => container.state.running || container.state.terminated || container.restartCount > 0,
  );
  const statuses = draft.spec.containers.map((container) => containerStatus(container, containers, state));
  const initStatuses = (draft.spec.initContainers ?? []).map((container) =>
    containerStatus(container, initContainers, state),
  );
  const { generation } = draft.metadata;
  draft.status = {
    ...draft.status,
    phase: finalPhase ?? (isInitialized && hasRun ? 'Running' : 'Pending'),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp && { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: draft.status?.startTime ?? timestamp(),
    containerStatuses: statuses,
    ...(initStatuses.length > 0 && { initContainerStatuses: initStatuses }),
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: podConditions(draft.status?.conditions, state, isInitialized, statuses),
  };
}

type PodConditions = NonNullable<NonNullable<Pod['status']>['conditions']>;

function podConditions(
  conditions: PodConditions | undefined,
  { podIp, containers, finalPhase }: PodState,
  isInitialized: boolean,
  statuses: readonly ContainerStatus[],
): PodConditions {
  const isReady = containers.length > 0 && containers.every((container) => container.isReady);
  const unready = statuses.filter(({ ready }) => !ready).map(({ name }) => name);
  const notReadyReason = {
    reason: finalPhase === 'Succeeded' ? 'PodCompleted' : 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  };
  const ready = { status: statusText(isReady), ...(isReady ? {} : notReadyReason) };
  const current: PodConditions = [
    { type: 'PodReadyToStartContainers', status: statusText(podIp !== undefined) },
    {
      type: 'Initialized',
      status: statusText(isInitialized),
      ...(isInitialized ? {} : { reason: 'ContainersNotInitialized' }),
    },
    { type: 'ContainersReady', ...ready },
    { type: 'Ready', ...ready },
    { type: 'PodScheduled', status: 'True' },
  ];
  return current.reduce((all, condition) => withCondition(all, condition), conditions ?? []);
}

function statusText(isTrue: boolean): 'True' | 'False' {
  return isTrue ? 'True' : 'False';
}

function containerStatus(
  { name, image = '' }: Container,
  runners: readonly ContainerRunner[],
  state: PodState,
): ContainerStatus {
  const runner = runners.find(({ options }) => options.container.name === name);
  return {
    name,
    image,
    imageID: '',
    ready: runner?.isReady ?? false,
    started: runner?.isStarted ?? false,
    restartCount: runner?.restartCount ?? 0,
    state: shownState(name, runner, state),
    lastState: runner?.lastState ?? {},
    ...(runner?.state.running && { containerID: runner.containerId }),
  };
}

function shownState(
  name: string,
  runner: ContainerRunner | undefined,
  { blocked, initContainers }: PodState,
): NonNullable<ContainerStatus['state']> {
  if (blocked?.container === name) return { waiting: { reason: blocked.reason, message: blocked.message } };
  const hasStarted = runner && runner.state.waiting?.reason !== 'PodInitializing';
  if (hasStarted) return runner.state;
  const isInitializing = initContainers.some(({ hasSucceeded }) => !hasSucceeded);
  return { waiting: { reason: isInitializing ? 'PodInitializing' : 'ContainerCreating' } };
}
