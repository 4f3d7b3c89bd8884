/** A pod's status out of its containers' states. */
import { type KubeObject, type Open, setCondition, timestamp } from '../apimachinery/object.ts';
import type { ContainerRunner } from './container.ts';

export interface PodState {
  readonly hostIp: string;
  readonly podIp: string | undefined;
  readonly initial: readonly ContainerRunner[];
  readonly containers: readonly ContainerRunner[];
  readonly phase: 'Succeeded' | 'Failed' | undefined;
  /** A container that cannot start. */
  readonly blocked: { readonly container: string; readonly reason: string; readonly message: string } | undefined;
}

export function podStatus(draft: KubeObject, state: PodState): void {
  const { hostIp, podIp, initial, containers, phase } = state;
  const initialized = initial.every(hasSucceeded) && containers.length > 0;
  const running = containers.some(({ state: own, restartCount }) => own.running || own.terminated || restartCount > 0);
  const ready = containers.length > 0 && containers.every((container) => container.ready);
  draft.status = {
    ...draft.status,
    phase: phase ?? (initialized && running ? 'Running' : 'Pending'),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(podIp && { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: draft.status?.startTime ?? timestamp(),
    containerStatuses: draft.spec.containers.map((container: Open) => containerStatus(container, containers, state)),
    observedGeneration: draft.metadata.generation,
  };
  if (draft.spec.initContainers?.length > 0) {
    draft.status.initContainerStatuses = draft.spec.initContainers.map((container: Open) =>
      containerStatus(container, initial, state),
    );
  }
  const finished = phase === 'Succeeded' ? 'PodCompleted' : 'ContainersNotReady';
  const because = ready ? { reason: '', message: '' } : { reason: finished, message: notReady(draft) };
  setCondition(draft, { type: 'PodReadyToStartContainers', status: podIp ? 'True' : 'False', reason: '', message: '' });
  setCondition(draft, {
    type: 'Initialized',
    status: initialized ? 'True' : 'False',
    reason: initialized ? '' : 'ContainersNotInitialized',
    message: '',
  });
  setCondition(draft, { type: 'ContainersReady', status: ready ? 'True' : 'False', ...because });
  setCondition(draft, { type: 'Ready', status: ready ? 'True' : 'False', ...because });
  setCondition(draft, { type: 'PodScheduled', status: 'True', reason: '', message: '' });
  for (const condition of draft.status.conditions) {
    if (condition.reason === '') delete condition.reason;
    if (condition.message === '') delete condition.message;
  }
}

function hasSucceeded({ state }: ContainerRunner): boolean {
  return state.terminated?.exitCode === 0;
}

function notReady(draft: KubeObject): string {
  const names = draft.status.containerStatuses.filter(({ ready }: Open) => !ready).map(({ name }: Open) => name);
  return `containers with unready status: [${names.join(' ')}]`;
}

function containerStatus(container: Open, runners: readonly ContainerRunner[], { blocked, initial }: PodState): Open {
  const runner = runners.find(({ parts }) => parts.container === container || parts.container.name === container.name);
  const waitsFor = initial.length > 0 && !initial.every(hasSucceeded) ? 'PodInitializing' : 'ContainerCreating';
  const stuck =
    blocked?.container === container.name ? { reason: blocked?.reason, message: blocked?.message } : undefined;
  const notStarted =
    runner?.state.waiting?.reason === 'PodInitializing' ? { waiting: { reason: waitsFor } } : runner?.state;
  return {
    name: container.name,
    image: container.image,
    imageID: '',
    ready: runner?.ready ?? false,
    started: runner?.started ?? false,
    restartCount: runner?.restartCount ?? 0,
    state: stuck ? { waiting: stuck } : (notStarted ?? { waiting: { reason: waitsFor } }),
    lastState: runner?.lastState ?? {},
    ...(runner?.state.running && { containerID: runner.containerId }),
  };
}
