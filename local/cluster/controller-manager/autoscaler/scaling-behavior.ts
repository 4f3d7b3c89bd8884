/**
 * How fast an autoscaler may follow its metrics: stabilization windows and scaling policies.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#configurable-scaling-behavior
 */

import type { HorizontalPodAutoscalerSpec } from '#local/cluster/apimachinery/kinds.ts';
import type { TwinTime } from '#local/contracts/context.ts';

export type ScalingSpec = Pick<HorizontalPodAutoscalerSpec, 'minReplicas' | 'maxReplicas' | 'behavior'>;

export interface LimitedScaling {
  readonly replicas: number;
  /** For the condition AbleToScale. */
  readonly ableToScale: ConditionText;
  /** For the condition ScalingLimited. */
  readonly scalingLimited: ConditionText & { readonly isLimited: boolean };
}

interface ConditionText {
  readonly reason: string;
  readonly message: string;
}

interface ScalingRules {
  readonly stabilizationWindowSeconds: number;
  /** 'Max' is the policy that allows the most change, in either direction. */
  readonly selectPolicy: string;
  readonly policies: readonly {
    /** 'Pods' or 'Percent'. */
    readonly type: string;
    readonly value: number;
    readonly periodSeconds: number;
  }[];
}

const defaultPeriodSeconds = 15;
const defaultRules: Readonly<Record<'scaleUp' | 'scaleDown', ScalingRules>> = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: defaultPeriodSeconds },
      { type: 'Percent', value: 100, periodSeconds: defaultPeriodSeconds },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: defaultPeriodSeconds }],
  },
};
/** The API server accepts no longer period or window. */
const maxPeriodSeconds = 1800;

interface Entry {
  readonly replicas: number;
  readonly atMilliseconds: number;
}

/** The recommendations and changes of one autoscaler, which its windows and policies look back on. */
export class ScalingHistory {
  readonly #time: TwinTime;
  readonly #now: () => number;
  #recommendations: Entry[] = [];
  /** Replicas added; negative when some were removed. */
  #changes: Entry[] = [];

  constructor(time: TwinTime, now: () => number = Date.now) {
    this.#time = time;
    this.#now = now;
  }

  /** @param recommended replicas by the metrics alone */
  limit(spec: ScalingSpec, current: number, recommended: number): LimitedScaling {
    const [up, down] = [rulesOf(spec, 'scaleUp'), rulesOf(spec, 'scaleDown')];
    const stabilized = this.#stabilize(current, recommended, up, down);
    return {
      ableToScale: stabilizationText(stabilized, recommended),
      ...this.#bound(spec, current, stabilized, up, down),
    };
  }

  /** Remembers that the target was scaled. */
  recordScaling(from: number, to: number): void {
    const oldest = this.#now() - this.#time.milliseconds(maxPeriodSeconds);
    this.#changes = this.#changes.filter(({ atMilliseconds }) => atMilliseconds > oldest);
    this.#changes.push({ replicas: to - from, atMilliseconds: this.#now() });
  }

  /** Scaling down follows the highest recommendation of its window, scaling up the lowest. */
  #stabilize(current: number, recommended: number, up: ScalingRules, down: ScalingRules): number {
    const now = this.#now();
    const within = (seconds: number): number[] =>
      this.#recommendations
        .filter(({ atMilliseconds }) => atMilliseconds > now - this.#time.milliseconds(seconds))
        .map(({ replicas }) => replicas);
    const min = Math.min(recommended, ...within(up.stabilizationWindowSeconds));
    const max = Math.max(recommended, ...within(down.stabilizationWindowSeconds));
    const maxWindowSeconds = Math.max(up.stabilizationWindowSeconds, down.stabilizationWindowSeconds);
    const oldest = now - this.#time.milliseconds(maxWindowSeconds);
    this.#recommendations = this.#recommendations.filter(({ atMilliseconds }) => atMilliseconds > oldest);
    this.#recommendations.push({ replicas: recommended, atMilliseconds: now });
    return Math.min(Math.max(current, min), max);
  }

  /** Applies the policies and the autoscaler's bounds; `current` is within the bounds. */
  #bound(
    spec: ScalingSpec,
    current: number,
    stabilized: number,
    up: ScalingRules,
    down: ScalingRules,
  ): Omit<LimitedScaling, 'ableToScale'> {
    const { minReplicas, maxReplicas } = spec;
    if (stabilized > current) {
      const rateLimit = Math.max(current, this.#rateLimit(up, current, 1));
      const max = Math.min(maxReplicas, rateLimit);
      if (stabilized > max)
        return rateLimit < maxReplicas ? limited(max, 'ScaleUpLimit') : limited(max, 'TooManyReplicas');
    } else if (stabilized < current) {
      const rateLimit = Math.min(current, this.#rateLimit(down, current, -1));
      const min = Math.max(minReplicas, rateLimit);
      if (stabilized < min) {
        return rateLimit > minReplicas ? limited(min, 'ScaleDownLimit') : limited(min, 'TooFewReplicas');
      }
    }
    const message = 'the desired count is within the acceptable range';
    return { replicas: stabilized, scalingLimited: { isLimited: false, reason: 'DesiredWithinRange', message } };
  }

  /** The replica count that the policies allow at most (direction 1) or at least (-1). */
  #rateLimit({ policies, selectPolicy }: ScalingRules, current: number, direction: 1 | -1): number {
    if (selectPolicy === 'Disabled') return current;
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const periodStart = this.#now() - this.#time.milliseconds(periodSeconds);
      const changed = this.#changes
        .filter(({ atMilliseconds }) => atMilliseconds > periodStart)
        .reduce((sum, { replicas }) => sum + replicas, 0);
      const replicasAtStart = current - changed;
      if (type === 'Pods') return replicasAtStart + direction * value;
      return direction > 0
        ? Math.ceil(replicasAtStart * (1 + value / 100))
        : Math.floor(replicasAtStart * (1 - value / 100));
    });
    return (selectPolicy === 'Max') === direction > 0 ? Math.max(...limits) : Math.min(...limits);
  }
}

function stabilizationText(stabilized: number, recommended: number): ConditionText {
  if (stabilized === recommended) {
    return { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
  }
  return stabilized > recommended
    ? {
        reason: 'ScaleDownStabilized',
        message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
      }
    : {
        reason: 'ScaleUpStabilized',
        message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
      };
}

const limitMessages = {
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
} as const;

function limited(replicas: number, reason: keyof typeof limitMessages): Omit<LimitedScaling, 'ableToScale'> {
  return { replicas, scalingLimited: { isLimited: true, reason, message: limitMessages[reason] } };
}

function rulesOf({ behavior }: ScalingSpec, direction: 'scaleUp' | 'scaleDown'): ScalingRules {
  const { stabilizationWindowSeconds, selectPolicy, policies } = behavior?.[direction] ?? {};
  const defaults = defaultRules[direction];
  return {
    stabilizationWindowSeconds: stabilizationWindowSeconds ?? defaults.stabilizationWindowSeconds,
    selectPolicy: selectPolicy ?? defaults.selectPolicy,
    policies: policies ?? defaults.policies,
  };
}
