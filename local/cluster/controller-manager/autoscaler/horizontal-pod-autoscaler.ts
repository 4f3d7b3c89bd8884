/** HorizontalPodAutoscaler: sets the replicas of its target by the target's resource metrics. */

import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { withCondition } from '#local/cluster/apimachinery/conditions.ts';
import type { RestMapper } from '#local/cluster/client/client.ts';
import { Controller, type ControllerDependencies, type Key, watch } from '#local/cluster/client/controller.ts';
import type { MetricsClient } from '#local/cluster/client/metrics-client.ts';
import type { TwinTime } from '#local/contracts/context.ts';
import { type Evaluation, evaluate } from './evaluation.ts';
import { ScalingHistory } from './scaling-behavior.ts';

/** --horizontal-pod-autoscaler-sync-period, which is also the resolution of the metrics. */
const syncPeriodSeconds = 15;
const minSyncPeriodMilliseconds = 500;

export interface AutoscalerDependencies extends ControllerDependencies {
  readonly mapper: RestMapper;
  readonly metrics: MetricsClient;
  readonly time: TwinTime;
}

/** What the controller remembers of an autoscaler from one evaluation to the next. */
interface AutoscalerState {
  readonly uid: string;
  readonly history: ScalingHistory;
  generation: number | undefined;
  /** When the next evaluation is due, in milliseconds. */
  dueAt: number;
}

export function startHorizontalPodAutoscaler(dependencies: AutoscalerDependencies): Controller {
  const { client, log, time } = dependencies;
  const states = new Map<string, AutoscalerState>();
  const periodMilliseconds = Math.max(minSyncPeriodMilliseconds, time.milliseconds(syncPeriodSeconds));
  const reconcile = (key: Key, controller: Controller): void => {
    const id = `${key.namespace}/${key.name}`;
    const autoscaler = client.find(types.horizontalPodAutoscalers, key.namespace, key.name);
    if (!autoscaler) {
      states.delete(id);
      return;
    }
    const { uid, generation } = autoscaler.metadata;
    const known = states.get(id);
    const state = known?.uid === uid ? known : newState(uid, time);
    states.set(id, state);
    // A change of its status, which it writes itself, does not make the evaluation due.
    const remaining = state.dueAt - Date.now();
    if (remaining > 0 && state.generation === generation) {
      controller.enqueueAfter(key, remaining);
      return;
    }
    state.generation = generation;
    state.dueAt = Date.now() + periodMilliseconds;
    controller.enqueueAfter(key, periodMilliseconds);
    writeStatus(dependencies, key, evaluate(dependencies, autoscaler, state.history));
  };
  return new Controller({
    name: 'horizontal-pod-autoscaler',
    client,
    log,
    watches: [watch(types.horizontalPodAutoscalers)],
    reconcile,
  });
}

function newState(uid: string, time: TwinTime): AutoscalerState {
  return { uid, history: new ScalingHistory(time), generation: undefined, dueAt: 0 };
}

function writeStatus({ client }: AutoscalerDependencies, key: Key, { status, conditions }: Evaluation): void {
  client.updateIfExists(types.horizontalPodAutoscalers, key.namespace, key.name, (draft) => {
    const { generation } = draft.metadata;
    draft.status = {
      currentReplicas: 0,
      desiredReplicas: 0,
      ...draft.status,
      ...status,
      ...(generation !== undefined && { observedGeneration: generation }),
      conditions: conditions.reduce((all, condition) => withCondition(all, condition), draft.status?.conditions ?? []),
    };
  });
}
