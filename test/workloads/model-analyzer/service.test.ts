import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf, usualBehaviour } from '#support/workloads/analysis-events.ts';
import { type EventsCloud, startEventsCloud } from '#support/workloads/events-cloud.ts';
import { ServiceProcess, stageService } from '#support/workloads/service-process.ts';
import { modelAnswer, modelListAnswer } from '#workloads/model-analyzer/src/answers.ts';

let image: Awaited<ReturnType<typeof stageService>>;
beforeAll(async () => {
  image = await stageService('model-analyzer');
});
afterAll(() => image[Symbol.asyncDispose]());

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

const run = (...args: readonly string[]) => new ServiceProcess(image.folder, cloud.environment, args);
const send = (body: object) =>
  sqs.send(new SendMessageCommand({ QueueUrl: cloud.queueUrl, MessageBody: JSON.stringify(body) }));

/** An event of now: of an older day than those that are kept it would be dropped. */
const [event] = eventsOf({ ...usualBehaviour, emptyShare: 0 }, 1).map(
  (some): AnalysisEvent => ({ ...some, occurredAt: new Date().toISOString() }),
);

async function get(service: ServiceProcess, path: string, port: 'port' | 'internalPort' = 'port') {
  const line = await service.logged('ready');
  const response = await fetch(`http://127.0.0.1:${line[port]}${path}`);
  return { status: response.status, text: await response.text() };
}

describe('model-analyzer', () => {
  it('counts what its queue tells, and tells it', async () => {
    await using service = run();
    await send(event!);
    await service.logged('event analysed');
    const list = modelListAnswer.parse(JSON.parse((await get(service, '/v1/models')).text));
    expect(list.models).toMatchObject([{ id: 'demo@v1#763100000000', pictures: 1, emptyShare: 0 }]);
    const model = modelAnswer.parse(JSON.parse((await get(service, list.models[0]!.href)).text));
    expect(model.objects).toBeGreaterThan(0);
    expect((await get(service, '/')).text).toContain('<title>demo v1');
  });

  it('moves a message with more than it may know to the dead letters', async () => {
    await using service = run();
    await send({ ...event, userId: '7000000042' });
    const line = await service.logged('malformed message: moved to the dead letters');
    expect(String(line['reason'])).toContain('userId');
    expect(service.output).not.toContain('7000000042');
    expect(await cloud.items()).toEqual([]);
  });

  it('serves health, readiness and metrics on the port of its own', async () => {
    await using service = run();
    await send(event!);
    await service.logged('event analysed');
    await get(service, '/v1/models/none');
    expect(await get(service, '/healthz', 'internalPort')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get(service, '/readyz', 'internalPort')).toEqual({ status: 200, text: 'ready\n' });
    const { text } = await get(service, '/metrics', 'internalPort');
    expect(text).toContain('model_analyzer_events_total{type="PredictionCompleted",outcome="stored"} 1');
    expect(text).toContain('model_analyzer_api_requests_total{route="/v1/models/{id}",status="404"} 1');
    expect((await get(service, '/metrics')).status).toBe(404);
  });

  it('exits 0 on SIGTERM', async () => {
    await using service = run();
    await service.logged('ready');
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0 });
  });

  it('does not start without a table, and says so', async () => {
    await using service = new ServiceProcess(image.folder, { ...cloud.environment, EVENTS_TABLE: '' });
    expect(await service.exited).toEqual({ code: 1 });
    expect(service.lines.at(-1)!.msg).toBe(
      'EVENTS_TABLE= must not be empty: it must be the name of the model-analyzer table',
    );
  });
});

describe('model-analyzer rebuild', () => {
  it('prints what is different, replaces it, and exits by what it found', async () => {
    {
      await using service = run();
      await send(event!);
      await service.logged('event analysed');
    }
    const right = JSON.stringify(await cloud.items());
    const projection = (await cloud.items()).find(({ sk }) => String(sk).startsWith('day#'))!;
    await cloud.dynamoDb.send(
      new UpdateCommand({
        TableName: cloud.table,
        Key: { pk: projection['pk'], sk: projection['sk'] },
        UpdateExpression: 'ADD pictures :n',
        ExpressionAttributeValues: { ':n': 1 },
      }),
    );
    const codes = [];
    for (const args of [['rebuild', '--dry-run'], ['rebuild'], ['rebuild', '--dry-run']]) {
      await using command = run(...args);
      codes.push((await command.exited).code);
      expect(command.lines.at(-1)).toMatchObject({ msg: 'rebuild done', events: 1, projections: 1 });
    }
    expect(codes).toEqual([1, 0, 0]);
    expect(JSON.stringify(await cloud.items())).toBe(right);
  });
});
