import { dayOf } from '@stepkube/shared/events/event-items.ts';
import { expect, it } from 'vitest';
import { Random } from '#support/random.ts';
import { eventsOf, usualBehavior } from '#support/workloads/analysis-events.ts';
import { startEventsCloud } from '#support/workloads/events-cloud.ts';
import { ServiceProcess, stageService } from '#support/workloads/service-process.ts';
import { soak } from '#support/workloads/soak.ts';
import { Analysis } from '#workloads/model-analyzer/src/analysis.ts';

const dayMilliseconds = 86_400_000;
const retentionDays = 14;

it("model-analyzer's table is independent of duplicates, order and kill -9", { timeout: 90_000 }, async () => {
  const random = new Random(20261122);
  const some = { ...usualBehavior, from: dayOf(Date.now() - 3 * dayMilliseconds), days: 2, picturesPerDay: 20 };
  const events = [...eventsOf({ ...some, failedShare: 0.1 }, 1), ...eventsOf({ ...some, version: 'v2' }, 2)];
  await using quiet = await startEventsCloud();
  const analysis = new Analysis({ dynamoDb: quiet.dynamoDb, table: quiet.table, retentionDays });
  for (const event of events) await analysis.record(event, new AbortController().signal);

  await using cloud = await startEventsCloud();
  await using bundle = await stageService('model-analyzer');
  await soak({
    cloud,
    folder: bundle.folder,
    environment: { RETENTION_DAYS: String(retentionDays), CONCURRENCY: '8', VISIBILITY_SECONDS: '2' },
    messages: random.shuffled([...events, ...events.filter(() => random.next() < 0.15)]),
    handledLine: 'event analyzed',
    kills: 4,
    random,
  });
  expect(JSON.stringify(await cloud.items())).toBe(JSON.stringify(await quiet.items()));
  await using rebuild = new ServiceProcess(bundle.folder, cloud.environment, ['rebuild', '--dry-run']);
  expect(await rebuild.exited).toEqual({ code: 0 });
});
