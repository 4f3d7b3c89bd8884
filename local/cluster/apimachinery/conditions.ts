/** status.conditions, which every kind writes alike. */
import { timestamp } from './object.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime?: string;
}

interface WithConditions<C> {
  readonly status?: { readonly conditions?: readonly C[] };
}

export function conditionOf<C extends Condition>(object: WithConditions<C>, type: string): C | undefined {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(object: WithConditions<Condition>, type: string): boolean {
  return conditionOf(object, type)?.status === 'True';
}

/**
 * The conditions with one of them replaced or added. Its lastTransitionTime moves only when its status does.
 * @param now Unix milliseconds: of the twin's clock where functions look at it
 */
export function withCondition<C extends Condition>(
  conditions: readonly C[] | undefined = [],
  condition: Omit<C, 'lastTransitionTime'> & Pick<Condition, 'type' | 'status'>,
  now = Date.now(),
): C[] {
  const old = conditions.find(({ type }) => type === condition.type);
  const lastTransitionTime =
    old?.status === condition.status && old.lastTransitionTime ? old.lastTransitionTime : timestamp(new Date(now));
  // C is its own fields and the transition time, which TypeScript cannot see through Omit.
  const next = { ...condition, lastTransitionTime } as unknown as C;
  return old ? conditions.map((other) => (other === old ? next : other)) : [...conditions, next];
}

export function withoutCondition<C extends Condition>(conditions: readonly C[] | undefined = [], type: string): C[] {
  return conditions.filter((condition) => condition.type !== type);
}
