/**
 * How fast an autoscaler may follow its metrics: stabilization windows and policies.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#configurable-scaling-behavior
 */

import type { Open } from '#local/cluster/apimachinery/object.ts';
import type { TwinTime } from '#local/contracts/context.ts';

export interface Limited {
  readonly replicas: number;
  /** For the AbleToScale condition. */
  readonly able: Reasoned;
  /** For the ScalingLimited condition. */
  readonly limited: Reasoned & { readonly isLimited: boolean };
}

interface Reasoned {
  readonly reason: string;
  readonly message: string;
}

interface Rules {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly {
    readonly type: 'Pods' | 'Percent';
    readonly value: number;
    readonly periodSeconds: number;
  }[];
}

const defaultPeriodSeconds = 15;
const defaults: Readonly<Record<'scaleUp' | 'scaleDown', Rules>> = {
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

/** What one autoscaler remembers between two looks. */
export class ScalingHistory {
  readonly #time: TwinTime;
  readonly #now: () => number;
  #recommendations: { readonly replicas: number; readonly at: number }[] = [];
  /** Positive: replicas added. */
  #changes: { readonly replicas: number; readonly at: number }[] = [];

  constructor(time: TwinTime, now: () => number = Date.now) {
    this.#time = time;
    this.#now = now;
  }

  /** @param wanted replicas by the metrics */
  limit({ spec }: { readonly spec: Open }, current: number, wanted: number): Limited {
    const [up, down] = [rulesOf(spec, 'scaleUp'), rulesOf(spec, 'scaleDown')];
    const stable = this.#stabilize(current, wanted, up, down);
    const able =
      stable === wanted
        ? { reason: 'ReadyForNewScale', message: 'recommended size matches current size' }
        : stable > wanted
          ? {
              reason: 'ScaleDownStabilized',
              message:
                'recent recommendations were higher than current one, applying the highest recent recommendation',
            }
          : {
              reason: 'ScaleUpStabilized',
              message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
            };
    return { able, ...this.#bound(spec, current, stable, up, down) };
  }

  scaled(from: number, to: number): void {
    const longest = this.#time.milliseconds(1800);
    this.#changes = this.#changes.filter(({ at }) => at > this.#now() - longest);
    this.#changes.push({ replicas: to - from, at: this.#now() });
  }

  #stabilize(current: number, wanted: number, up: Rules, down: Rules): number {
    const now = this.#now();
    const within = (seconds: number) =>
      this.#recommendations
        .filter(({ at }) => at > now - this.#time.milliseconds(seconds))
        .map(({ replicas }) => replicas);
    const lowest = Math.min(wanted, ...within(up.stabilizationWindowSeconds));
    const highest = Math.max(wanted, ...within(down.stabilizationWindowSeconds));
    const longest = this.#time.milliseconds(Math.max(up.stabilizationWindowSeconds, down.stabilizationWindowSeconds));
    this.#recommendations = this.#recommendations.filter(({ at }) => at > now - longest);
    this.#recommendations.push({ replicas: wanted, at: now });
    return Math.min(Math.max(current, lowest), highest);
  }

  #bound(spec: Open, current: number, stable: number, up: Rules, down: Rules): Pick<Limited, 'replicas' | 'limited'> {
    const limited = (replicas: number, reason: string, message: string) => ({
      replicas,
      limited: { isLimited: true, reason, message },
    });
    if (stable > current) {
      const rate = Math.max(current, this.#rateLimit(up, current, 1));
      const most = Math.min(spec.maxReplicas, rate);
      if (stable > most) {
        return rate < spec.maxReplicas
          ? limited(most, 'ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate')
          : limited(most, 'TooManyReplicas', 'the desired replica count is more than the maximum replica count');
      }
    } else if (stable < current) {
      const rate = Math.min(current, this.#rateLimit(down, current, -1));
      const least = Math.max(spec.minReplicas, rate);
      if (stable < least) {
        return rate > spec.minReplicas
          ? limited(
              least,
              'ScaleDownLimit',
              'the desired replica count is decreasing faster than the maximum scale rate',
            )
          : limited(least, 'TooFewReplicas', 'the desired replica count is less than the minimum replica count');
      }
    } else if (stable > spec.maxReplicas || stable < spec.minReplicas) {
      return limited(clamp(stable, spec), 'TooManyReplicas', 'the desired replica count is outside of its bounds');
    }
    const within = 'the desired count is within the acceptable range';
    return { replicas: stable, limited: { isLimited: false, reason: 'DesiredWithinRange', message: within } };
  }

  #rateLimit({ policies, selectPolicy }: Rules, current: number, direction: 1 | -1): number {
    if (selectPolicy === 'Disabled') return current;
    const limits = policies.map(({ type, value, periodSeconds }) => {
      const since = this.#now() - this.#time.milliseconds(periodSeconds);
      const changed = this.#changes.filter(({ at }) => at > since).reduce((sum, { replicas }) => sum + replicas, 0);
      const atStart = current - changed;
      if (type === 'Pods') return atStart + direction * value;
      return direction > 0 ? Math.ceil(atStart * (1 + value / 100)) : Math.floor(atStart * (1 - value / 100));
    });
    // Max is the policy that allows the most change.
    return (selectPolicy === 'Max') === direction > 0 ? Math.max(...limits) : Math.min(...limits);
  }
}

function rulesOf(spec: Open, direction: 'scaleUp' | 'scaleDown'): Rules {
  const given = spec.behavior?.[direction] ?? {};
  return { ...defaults[direction], ...Object.fromEntries(Object.entries(given).filter(([, value]) => value != null)) };
}

function clamp(replicas: number, spec: Open): number {
  return Math.min(Math.max(replicas, spec.minReplicas), spec.maxReplicas);
}
