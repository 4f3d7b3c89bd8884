import { isDeepStrictEqual } from 'node:util';
import type { MeteringEvent } from '@stepkube/shared/events/events.ts';
import { Random } from '#support/random.ts';
import { startEventsCloud } from './events-cloud.ts';
import { someEvents } from './metering-events.ts';
import { ServiceProcess, stageService } from './service-process.ts';
import { soak } from './soak.ts';

const retentionDays = 14;
const dayMilliseconds = 86_400_000;
/** The share of the events that are delivered a second time. */
const repeatedShare = 0.1;

export interface MeteringSoakReport {
  readonly messages: number;
  readonly items: number;
  /** The table equals, byte by byte, the items computed from the events. */
  readonly equal: boolean;
  /** Exit code of `rebuild --dry-run` at the end: 0 when it finds no difference. */
  readonly rebuildCode: number | null;
}

/**
 * Runs metering over events in random order, some of them duplicated, while its processes are killed. Compares its table with
 * the items that the events alone determine.
 */
export async function soakMetering(options: {
  readonly events: number;
  readonly kills: number;
  readonly seed: number;
  readonly onKill?: (killed: number, handled: number) => void;
}): Promise<MeteringSoakReport> {
  const random = new Random(options.seed);
  const events = someEvents(random, { count: options.events, nowMilliseconds: Date.now() });
  const messages = random.shuffled([...events, ...events.filter(() => random.next() < repeatedShare)]);
  await using cloud = await startEventsCloud();
  await using bundle = await stageService('metering');
  const { kills, onKill } = options;
  await soak({
    cloud,
    folder: bundle.folder,
    environment: { RETENTION_DAYS: String(retentionDays), CONCURRENCY: '8', VISIBILITY_SECONDS: '2' },
    messages,
    handledLine: 'event metered',
    kills,
    random,
    ...(onKill === undefined ? {} : { onKill }),
  });
  await using rebuild = new ServiceProcess(bundle.folder, cloud.environment, ['rebuild', '--dry-run']);
  const { code } = await rebuild.exited;
  const [stored, expected] = [await cloud.items(), expectedItems(events)];
  const equal = JSON.stringify(stored) === JSON.stringify(expected) && isDeepStrictEqual(stored, expected);
  return { messages: messages.length, items: stored.length, equal, rebuildCode: code };
}

/** The items that the table must have, computed from the events without the service's own code, and sorted as it sorts. */
export function expectedItems(events: readonly MeteringEvent[]): readonly Record<string, unknown>[] {
  const forgottenAt = new Map<string, number>();
  for (const { type, userId, occurredAt } of events) {
    if (type !== 'UserForgotten') continue;
    forgottenAt.set(userId, Math.max(forgottenAt.get(userId) ?? 0, Date.parse(occurredAt)));
  }
  const items = new Map<string, Record<string, unknown>>();
  const put = (item: Record<string, unknown>) => items.set(`${item['pk']} ${item['sk']}`, item);
  for (const [userId, at] of forgottenAt)
    put({ expiresAtSeconds: expiry(at), forgottenAt: at, pk: `user#${userId}`, sk: 'forgotten' });
  const days = new Map<string, Record<'bytes' | 'failures' | 'inferenceMicroseconds' | 'pictures', number>>();
  for (const event of events) {
    const at = Date.parse(event.occurredAt);
    if (event.type === 'UserForgotten' || at <= (forgottenAt.get(event.userId) ?? 0)) continue;
    const [pk, expiresAtSeconds] = [`user#${event.userId}`, expiry(at)];
    put({ event: sortKeys(event), expiresAtSeconds, pk, sk: `event#${event.eventId}` });
    const sk = `day#${event.occurredAt.slice(0, 10)}`;
    const sums = days.get(`${pk} ${sk}`) ?? { bytes: 0, failures: 0, inferenceMicroseconds: 0, pictures: 0 };
    days.set(`${pk} ${sk}`, sums);
    sums.bytes += event.bytes;
    sums.failures += event.type === 'PredictionFailed' ? 1 : 0;
    sums.pictures += event.type === 'PredictionCompleted' ? 1 : 0;
    sums.inferenceMicroseconds += event.type === 'PredictionCompleted' ? event.inferenceMicroseconds : 0;
    const { bytes, failures, inferenceMicroseconds, pictures } = sums;
    put({ bytes, expiresAtSeconds, failures, inferenceMicroseconds, pictures, pk, sk });
  }
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

const expiry = (milliseconds: number) =>
  ((Math.floor(milliseconds / dayMilliseconds) + 1 + retentionDays) * dayMilliseconds) / 1000;

const sortKeys = (item: object) => Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
