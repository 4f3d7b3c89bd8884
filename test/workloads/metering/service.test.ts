import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { usageResponseSchema } from '@stepkube/shared/contracts/usage-api.ts';
import type { MeteringEvent } from '@stepkube/shared/events/events.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EventsCloud, startEventsCloud } from '#support/workloads/events-cloud.ts';
import { completed, failed, forgotten } from '#support/workloads/metering-events.ts';
import { ServiceProcess, stageService } from '#support/workloads/service-process.ts';

let bundle: Awaited<ReturnType<typeof stageService>>;
beforeAll(async () => {
  bundle = await stageService('metering');
});
afterAll(() => bundle[Symbol.asyncDispose]());

let cloud: EventsCloud;
let sqs: SQSClient;
beforeEach(async () => {
  cloud = await startEventsCloud();
  sqs = new SQSClient(cloud.test.client());
});
afterEach(async () => {
  sqs.destroy();
  await cloud[Symbol.asyncDispose]();
});

const run = (...args: readonly string[]) => new ServiceProcess(bundle.folder, cloud.environment, args);
const send = (body: MeteringEvent | string) =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: cloud.queueUrl,
      MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );
/** The event, occurring now: an expired one would be dropped. */
const today = <E extends MeteringEvent>(event: E): E => ({ ...event, occurredAt: new Date().toISOString() });

async function get(service: ServiceProcess, path: string, port: 'port' | 'internalPort' = 'port') {
  const line = await service.logged('ready');
  const response = await fetch(`http://127.0.0.1:${line[port]}${path}`);
  return { status: response.status, text: await response.text() };
}
const metered = (service: ServiceProcess) => service.lines.filter(({ msg }) => msg === 'event metered');

describe('metering', () => {
  it('metering counts the events of its queue and answers GET /v1/usage, also after UserForgotten', async () => {
    await using service = run();
    await Promise.all([today(completed()), today(failed())].map(send));
    await vi.waitFor(() => expect(metered(service)).toHaveLength(2), { timeout: 10_000 });
    const { text } = await get(service, '/v1/usage/42');
    const usage = usageResponseSchema.parse(JSON.parse(text));
    expect(usage.totals).toEqual({ pictures: 1, bytes: 1010, inferenceMicroseconds: 50_000, failures: 1 });
    await send(today(forgotten()));
    await vi.waitFor(() => expect(metered(service)).toHaveLength(3), { timeout: 10_000 });
    expect(JSON.parse((await get(service, '/v1/usage/42')).text).days).toEqual([]);
    expect(service.output).not.toMatch(/"userId"|user#/);
  });

  it('metering moves an event with detections to the dead letters', async () => {
    await using service = run();
    await send(JSON.stringify({ ...today(completed()), detections: [] }));
    const line = await service.logged('malformed message: moved to the dead letters');
    expect(String(line['reason'])).toContain('detections');
    expect(await cloud.items()).toEqual([]);
  });

  it('metering serves /healthz, /readyz and /metrics on its internal port only', async () => {
    await using service = run();
    await send(today(completed()));
    await service.logged('event metered');
    expect(await get(service, '/healthz', 'internalPort')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get(service, '/readyz', 'internalPort')).toEqual({ status: 200, text: 'ready\n' });
    const { text } = await get(service, '/metrics', 'internalPort');
    expect(text).toContain('metering_events_total{type="PredictionCompleted",outcome="stored"} 1');
    expect((await get(service, '/metrics')).status).toBe(404);
  });

  it('metering exits 0 on SIGTERM', async () => {
    await using service = run();
    await service.logged('ready');
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0 });
  });

  it('metering exits 1 without a table, naming it', async () => {
    await using service = new ServiceProcess(bundle.folder, { ...cloud.environment, EVENTS_TABLE: '' });
    expect(await service.exited).toEqual({ code: 1 });
    expect(service.lines.at(-1)!.msg).toBe(
      'EVENTS_TABLE= must not be empty: it must be the name of the metering table',
    );
  });
});

describe('metering rebuild', () => {
  it('metering rebuild prints and replaces wrong projections, and exits 1 only from a dry run that finds some', async () => {
    {
      await using service = run();
      await send(today(completed()));
      await service.logged('event metered');
    }
    const right = JSON.stringify(await cloud.items());
    const [{ pk, sk }] = (await cloud.items()) as [{ pk: string; sk: string }];
    await cloud.dynamoDb.send(
      new UpdateCommand({
        TableName: cloud.table,
        Key: { pk, sk },
        UpdateExpression: 'ADD pictures :n',
        ExpressionAttributeValues: { ':n': 1 },
      }),
    );
    const codes = [];
    for (const args of [['rebuild', '--dry-run'], ['rebuild'], ['rebuild', '--dry-run']]) {
      await using command = run(...args);
      codes.push((await command.exited).code);
      const found = command.lines.filter(({ msg }) => msg.startsWith('a projection is not the sum of its events'));
      expect(found).toHaveLength(codes.length < 3 ? 1 : 0);
      expect(command.lines.at(-1)).toMatchObject({ msg: 'rebuild done', partitions: 1, events: 1, projections: 1 });
    }
    expect(codes).toEqual([1, 0, 0]);
    expect(JSON.stringify(await cloud.items())).toBe(right);
  });

  it.each([[['rebuild', '--fast']], [['rebuilt']]])(
    'metering %j is refused with the usage and exit code 2',
    async (args) => {
      await using command = run(...args);
      expect(await command.exited).toEqual({ code: 2 });
      expect(command.output).toContain(`usage: node main.js [rebuild [--dry-run]]; ${args.at(-1)} is not known`);
    },
  );
});
