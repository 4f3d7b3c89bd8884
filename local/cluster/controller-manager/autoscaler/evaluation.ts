/** One evaluation of an autoscaler: reads its target and metrics, rescales the target, and says what it did. */
import { types } from '#local/cluster/apimachinery/builtin-types.ts';
import { numberAt, objectAt } from '#local/cluster/apimachinery/json.ts';
import type { HorizontalPodAutoscaler } from '#local/cluster/apimachinery/kinds.ts';
import { type KubeObject, timestamp } from '#local/cluster/apimachinery/object.ts';
import type { ResourceType } from '#local/cluster/apimachinery/resource-type.ts';
import { matchesSelector } from '#local/cluster/apimachinery/selectors.ts';
import type { RestMapper } from '#local/cluster/client/client.ts';
import type { ControllerDependencies } from '#local/cluster/client/controller.ts';
import type { MetricsClient } from '#local/cluster/client/metrics-client.ts';
import { MetricUnavailableError, type Proposal, proposeReplicas } from './resource-metric.ts';
import type { ScalingHistory } from './scaling-behavior.ts';

export interface EvaluationDependencies extends Omit<ControllerDependencies, 'log'> {
  readonly mapper: RestMapper;
  readonly metrics: MetricsClient;
}

type Status = NonNullable<HorizontalPodAutoscaler['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** What changes in the autoscaler's status. */
export interface Evaluation {
  readonly status: Partial<Status>;
  readonly conditions: readonly Condition[];
}

/** An object with the scale subresource. */
interface Target {
  readonly type: ResourceType;
  readonly object: KubeObject;
  readonly replicas: number;
}

interface Decision extends Evaluation {
  readonly replicas: number;
  /** For the event, e.g. 'All metrics below target'. */
  readonly reason: string;
}

export function evaluate(
  dependencies: EvaluationDependencies,
  autoscaler: HorizontalPodAutoscaler,
  history: ScalingHistory,
): Evaluation {
  const target = findTarget(dependencies, autoscaler);
  if (!target) return targetNotFound(dependencies, autoscaler);
  const currentReplicas = numberAt(target.object, 'status', 'replicas') ?? 0;
  const decision = decide(dependencies, autoscaler, target, history);
  const status = { currentReplicas, ...decision.status };
  if (!('replicas' in decision)) return { ...decision, status };
  const desired = { ...status, desiredReplicas: decision.replicas };
  if (decision.replicas === target.replicas) return { status: desired, conditions: decision.conditions };
  rescale(dependencies, autoscaler, target, decision);
  history.recordScaling(target.replicas, decision.replicas);
  const message = `the HPA controller was able to update the target scale to ${decision.replicas}`;
  return {
    status: { ...desired, lastScaleTime: timestamp() },
    conditions: [...decision.conditions, condition('AbleToScale', true, 'SucceededRescale', message)],
  };
}

function condition(type: string, isTrue: boolean, reason: string, message: string): Condition {
  return { type, status: isTrue ? 'True' : 'False', reason, message };
}

const scaleRead = condition(
  'AbleToScale',
  true,
  'SucceededGetScale',
  "the HPA controller was able to get the target's current scale",
);

function findTarget(
  { client, mapper }: EvaluationDependencies,
  { metadata, spec }: HorizontalPodAutoscaler,
): Target | undefined {
  const { apiVersion = '', kind, name } = spec.scaleTargetRef;
  const type = mapper.byKind(apiVersion, kind);
  const object = type?.subresources.includes('scale') ? client.find(type, metadata.namespace, name) : undefined;
  return type && object && { type, object, replicas: numberAt(object, 'spec', 'replicas') ?? 1 };
}

function targetNotFound({ events }: EvaluationDependencies, autoscaler: HorizontalPodAutoscaler): Evaluation {
  const { kind, name } = autoscaler.spec.scaleTargetRef;
  const message = `the HPA controller was unable to get the target's current scale: ${kind} "${name}" not found`;
  events(autoscaler, 'Warning', 'FailedGetScale', message);
  return { status: {}, conditions: [condition('AbleToScale', false, 'FailedGetScale', message)] };
}

/** @returns an Evaluation without replicas when the autoscaler cannot or must not scale */
function decide(
  dependencies: EvaluationDependencies,
  autoscaler: HorizontalPodAutoscaler,
  target: Target,
  history: ScalingHistory,
): Decision | Evaluation {
  const { minReplicas, maxReplicas } = autoscaler.spec;
  if (target.replicas === 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    const disabled = condition('ScalingActive', false, 'ScalingDisabled', message);
    return { status: { desiredReplicas: 0 }, conditions: [scaleRead, disabled] };
  }
  if (target.replicas > maxReplicas) {
    const reason = 'Current number of replicas above Spec.MaxReplicas';
    return { status: {}, conditions: [], replicas: maxReplicas, reason };
  }
  if (target.replicas < minReplicas) {
    const reason = 'Current number of replicas below Spec.MinReplicas';
    return { status: {}, conditions: [], replicas: minReplicas, reason };
  }
  return decideByMetrics(dependencies, autoscaler, target, history);
}

function decideByMetrics(
  dependencies: EvaluationDependencies,
  autoscaler: HorizontalPodAutoscaler,
  target: Target,
  history: ScalingHistory,
): Decision | Evaluation {
  const { proposals, failure } = readMetrics(dependencies, autoscaler, target);
  const status = { currentMetrics: proposals.map(({ current }) => current) };
  const [highest] = proposals.toSorted((a, b) => b.replicas - a.replicas);
  // While one metric cannot be read, the others must not take replicas away.
  const isUnsafe = failure !== undefined && (highest === undefined || highest.replicas < target.replicas);
  if (isUnsafe || highest === undefined) {
    const { reason, message } = failure ?? new MetricUnavailableError('FailedGetResourceMetric', 'no metrics');
    dependencies.events(autoscaler, 'Warning', reason, message);
    const inactive = `the HPA was unable to compute the replica count: ${message}`;
    return { status, conditions: [scaleRead, condition('ScalingActive', false, reason, inactive)] };
  }
  const { metric } = highest;
  const active = `the HPA was able to successfully calculate a replica count from ${metric}`;
  const { replicas, ableToScale, scalingLimited } = history.limit(autoscaler.spec, target.replicas, highest.replicas);
  return {
    status,
    conditions: [
      condition('ScalingActive', true, 'ValidMetricFound', active),
      condition('AbleToScale', true, ableToScale.reason, ableToScale.message),
      condition('ScalingLimited', scalingLimited.isLimited, scalingLimited.reason, scalingLimited.message),
    ],
    replicas,
    reason: replicas > target.replicas ? `${metric} above target` : 'All metrics below target',
  };
}

/** --horizontal-pod-autoscaler-tolerance */
const defaultTolerance = '0.1';

/** A proposal per metric that can be read, and why the first of the others cannot. */
function readMetrics(
  { client, metrics }: EvaluationDependencies,
  { spec }: HorizontalPodAutoscaler,
  { object, replicas }: Target,
): { readonly proposals: readonly Proposal[]; readonly failure: MetricUnavailableError | undefined } {
  const { namespace } = object.metadata;
  const selector = objectAt(object, 'spec', 'selector');
  const pods = client.list(types.pods, namespace).filter(({ metadata }) => matchesSelector(selector, metadata.labels));
  const { scaleUp, scaleDown } = spec.behavior ?? {};
  const request = {
    pods,
    podMetrics: new Map(metrics.podMetrics(namespace).map((podMetrics) => [podMetrics.metadata.name, podMetrics])),
    currentReplicas: replicas,
    tolerances: {
      up: Number(scaleUp?.tolerance ?? defaultTolerance),
      down: Number(scaleDown?.tolerance ?? defaultTolerance),
    },
  };
  const proposals: Proposal[] = [];
  let failure: MetricUnavailableError | undefined;
  for (const metric of spec.metrics) {
    try {
      proposals.push(proposeReplicas(metric, request));
    } catch (error) {
      if (!(error instanceof MetricUnavailableError)) throw error;
      failure ??= error;
    }
  }
  return { proposals, failure };
}

function rescale(
  { client, events }: EvaluationDependencies,
  autoscaler: HorizontalPodAutoscaler,
  { type, object }: Target,
  { replicas, reason }: Decision,
): void {
  const { namespace, name } = object.metadata;
  const change = (draft: KubeObject) => {
    draft['spec'] = { ...objectAt(draft, 'spec'), replicas };
  };
  client.update(type, namespace, name, change, { subresource: 'scale' });
  events(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`);
}
