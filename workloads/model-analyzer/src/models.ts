import type { ModelIdentity } from '@stepkube/shared/contracts/messages.ts';
import { addCounters, type DayProjection } from '@stepkube/shared/events/event-items.ts';
import { type Tally, tallyOf } from './counters.ts';

export interface Model extends ModelIdentity {
  /** name@version#<first 12 digits of the weights' SHA-256>: different weights are different models, whatever their names. */
  readonly id: string;
  /** `occurredAt` of its first event, ISO 8601. */
  readonly firstSeenAt: string;
  /** The days that have not expired, oldest first. */
  readonly days: readonly DayProjection[];
}

/** Reads every model with days that have not expired, oldest first. */
export type ReadModels = () => Promise<readonly Model[]>;

/** Days, both inclusive; a missing one means unlimited. */
export interface Period {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export const modelIdOf = ({ name, version, sha256 }: ModelIdentity) => `${name}@${version}#${sha256.slice(0, 12)}`;

/** In the order of their versions: by first event, and by id where these are equal. */
export function inOrder<M extends Pick<Model, 'id' | 'firstSeenAt'>>(models: readonly M[]): readonly M[] {
  const keyOf = ({ firstSeenAt, id }: M) => `${firstSeenAt} ${id}`;
  return [...models].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** The model of the same name that was first seen before this one. */
export function previousOf(model: Model, models: readonly Model[]): Model | undefined {
  const versions = inOrder(models.filter(({ name }) => name === model.name));
  return versions[versions.findIndex(({ id }) => id === model.id) - 1];
}

export function daysOf(model: Model, { from = '', to = '9999-12-31' }: Period = {}): readonly DayProjection[] {
  return model.days.filter(({ day }) => day >= from && day <= to);
}

export function tallyOfModel(model: Model, period?: Period): Tally {
  const sums: Record<string, number> = {};
  for (const { counters } of daysOf(model, period)) addCounters(sums, counters);
  return tallyOf(sums);
}
