import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { AnalysisEvent } from '@stepkube/shared/events/events.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf, usualBehavior } from '#support/workloads/analysis-events.ts';
import { type EventsCloud, startEventsCloud } from '#support/workloads/events-cloud.ts';
import { ServiceProcess, stageService } from '#support/workloads/service-process.ts';
import { modelListResponse, modelResponse } from '#workloads/model-analyzer/src/responses.ts';

let bundle: Awaited<ReturnType<typeof stageService>>;
beforeAll(async () => {
  bundle = await stageService('model-analyzer');
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
const send = (body: object) =>
  sqs.send(new SendMessageCommand({ QueueUrl: cloud.queueUrl, MessageBody: JSON.stringify(body) }));

/** An event that occurs now: an expired one would be dropped. */
const [event] = eventsOf({ ...usualBehavior, emptyShare: 0 }, 1).map(
  (some): AnalysisEvent => ({ ...some, occurredAt: new Date().toISOString() }),
);

async function get(service: ServiceProcess, path: string, port: 'port' | 'internalPort' = 'port') {
  const line = await service.logged('ready');
  const response = await fetch(`http://127.0.0.1:${line[port]}${path}`);
  return { status: response.status, text: await response.text() };
}

describe('model-analyzer', () => {
  it('model-analyzer counts the events of its queue and answers /v1/models, the model and the report', async () => {
    await using service = run();
    await send(event!);
    await service.logged('event analyzed');
    const list = modelListResponse.parse(JSON.parse((await get(service, '/v1/models')).text));
    expect(list.models).toMatchObject([{ id: 'demo@v1#763100000000', pictures: 1, emptyShare: 0 }]);
    const model = modelResponse.parse(JSON.parse((await get(service, list.models[0]!.href)).text));
    expect(model.objects).toBeGreaterThan(0);
    expect((await get(service, '/')).text).toContain('<title>demo v1');
  });

  it('model-analyzer moves an event with a user to the dead letters and does not log the user', async () => {
    await using service = run();
    await send({ ...event, userId: '7000000042' });
    const line = await service.logged('malformed message: moved to the dead letters');
    expect(String(line['reason'])).toContain('userId');
    expect(service.output).not.toContain('7000000042');
    expect(await cloud.items()).toEqual([]);
  });

  it('model-analyzer serves /healthz, /readyz and /metrics on its internal port only', async () => {
    await using service = run();
    await send(event!);
    await service.logged('event analyzed');
    await get(service, '/v1/models/none');
    expect(await get(service, '/healthz', 'internalPort')).toEqual({ status: 200, text: 'ok\n' });
    expect(await get(service, '/readyz', 'internalPort')).toEqual({ status: 200, text: 'ready\n' });
    const { text } = await get(service, '/metrics', 'internalPort');
    expect(text).toContain('model_analyzer_events_total{type="PredictionCompleted",outcome="stored"} 1');
    expect(text).toContain('model_analyzer_api_requests_total{route="/v1/models/{id}",status="404"} 1');
    expect((await get(service, '/metrics')).status).toBe(404);
  });

  it('model-analyzer exits 0 on SIGTERM', async () => {
    await using service = run();
    await service.logged('ready');
    service.signal('SIGTERM');
    expect(await service.exited).toEqual({ code: 0 });
  });

  it('model-analyzer exits 1 without a table, naming it', async () => {
    await using service = new ServiceProcess(bundle.folder, { ...cloud.environment, EVENTS_TABLE: '' });
    expect(await service.exited).toEqual({ code: 1 });
    expect(service.lines.at(-1)!.msg).toBe(
      'EVENTS_TABLE= must not be empty: it must be the name of the model-analyzer table',
    );
  });
});

describe('model-analyzer rebuild', () => {
  it('model-analyzer rebuild replaces wrong projections, and exits 1 only from a dry run that finds some', async () => {
    {
      await using service = run();
      await send(event!);
      await service.logged('event analyzed');
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
