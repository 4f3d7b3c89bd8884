import { type UsageResponse, usageErrorSchema, usageResponseSchema } from '@stepkube/shared/contracts/usage-api.ts';
import { type HttpServer, startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type EventsCloud, startEventsCloud } from '#support/workloads/events-cloud.ts';
import { completed, failed } from '#support/workloads/metering-events.ts';
import { createApi } from '#workloads/metering/src/api.ts';
import { createMetrics } from '#workloads/metering/src/metrics.ts';
import { openUsageStore, type UsageStore } from '#workloads/metering/src/usage-events.ts';

const now = Date.parse('2026-11-22T15:00:00.000Z');

let cloud: EventsCloud;
let store: UsageStore;
let server: HttpServer;
const metrics = createMetrics();
beforeAll(async () => {
  cloud = await startEventsCloud();
  store = openUsageStore({ dynamoDb: cloud.dynamoDb, table: cloud.table, retentionDays: 30, now: () => now });
  const at = (day: string) => `${day}T10:00:00.000Z`;
  await store.append(completed({ eventId: '1'.repeat(32), occurredAt: at('2026-10-31'), bytes: 1 }));
  await store.append(completed({ eventId: '2'.repeat(32), occurredAt: at('2026-11-01'), bytes: 20 }));
  await store.append(completed({ eventId: '3'.repeat(32), occurredAt: at('2026-11-21'), bytes: 300 }));
  await store.append(failed({ eventId: '4'.repeat(32), occurredAt: at('2026-11-21'), bytes: 4000 }));
  await store.append(completed({ eventId: '5'.repeat(32), occurredAt: at('2026-11-22'), bytes: 50_000 }));
  await store.append(completed({ eventId: '6'.repeat(32), occurredAt: at('2026-11-22'), userId: '43' }));
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    app: createApi({
      store,
      retentionDays: 30,
      metrics,
      log: pino({ enabled: false }),
      now: () => now,
    }),
  });
});
afterAll(async () => {
  await server.stop();
  await cloud[Symbol.asyncDispose]();
});

const call = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);
async function usage(path: string): Promise<UsageResponse> {
  const response = await call(path);
  expect(response.status).toBe(200);
  return usageResponseSchema.parse(await response.json());
}
const day = (name: string, pictures: number, bytes: number, failures = 0) => ({
  day: name,
  pictures,
  bytes,
  inferenceMicroseconds: pictures * 50_000,
  failures,
});

describe('GET /v1/usage/{user}', () => {
  it('GET /v1/usage/{user} reports the current month by default', async () => {
    expect(await usage('/v1/usage/42')).toEqual({
      user: '42',
      from: '2026-11-01',
      to: '2026-11-30',
      countedFrom: '2026-10-23',
      totals: { pictures: 3, bytes: 54_320, inferenceMicroseconds: 150_000, failures: 1 },
      days: [day('2026-11-01', 1, 20), day('2026-11-21', 1, 4300, 1), day('2026-11-22', 1, 50_000)],
    });
  });

  it('GET /v1/usage/{user} with from and to includes both days', async () => {
    const { days } = await usage('/v1/usage/42?from=2026-10-31&to=2026-11-01');
    expect(days).toEqual([day('2026-10-31', 1, 1), day('2026-11-01', 1, 20)]);
  });

  it('GET /v1/usage/{user} counts only that user; an unknown user has used nothing', async () => {
    expect((await usage('/v1/usage/43')).totals.pictures).toBe(1);
    expect(await usage('/v1/usage/999')).toMatchObject({ days: [], totals: { pictures: 0, bytes: 0 } });
  });

  it('GET /v1/usage/{user} returns every day on exactly one page, and the same totals on all pages', async () => {
    const first = await usage('/v1/usage/42?limit=2');
    const second = await usage(`/v1/usage/42?limit=2&nextToken=${first.nextToken}`);
    expect([...first.days, ...second.days]).toEqual((await usage('/v1/usage/42')).days);
    expect(second.totals).toEqual(first.totals);
    expect(second.nextToken).toBeUndefined();
  });

  const ofAnotherUser = Buffer.from(
    JSON.stringify({ user: '43', from: '2026-11-01', to: '2026-11-30', after: '2026-11-01' }),
  ).toString('base64url');
  it.each([
    ['/v1/usage/bob', 'user', 'bob', 'the digits of a Telegram user id'],
    ['/v1/usage/42?from=2026-02-30', 'from', '2026-02-30', 'a day such as 2026-11-01, not after `to`'],
    ['/v1/usage/42?from=', 'from', '', 'a day such as 2026-11-01, not after `to`'],
    ['/v1/usage/42?from=2026-11-02&to=2026-11-01', 'from', '2026-11-02', 'a day such as 2026-11-01, not after `to`'],
    ['/v1/usage/42?from=2024-01-01', 'to', '2026-11-30', 'a day such as 2026-11-30, at most 366 days from `from`'],
    ['/v1/usage/42?limit=0', 'limit', '0', 'a whole number from 1 to 100'],
    ['/v1/usage/42?limit=1.5', 'limit', '1.5', 'a whole number from 1 to 100'],
    ['/v1/usage/42?limit=1&limit=2', 'limit', '1,2', 'a whole number from 1 to 100, once'],
    [
      `/v1/usage/42?nextToken=${ofAnotherUser}`,
      'nextToken',
      ofAnotherUser,
      'the nextToken of the page before, with the same user, from and to',
    ],
    ['/v1/usage/42?nextToken=x', 'nextToken', 'x', 'the nextToken of the page before, with the same user, from and to'],
    ['/v1/usage/42?form=2026-11-01', 'parameter', 'form', 'from, to, limit or nextToken'],
  ])('GET %s is refused with 400 and one line', async (path, field, value, allowed) => {
    const response = await call(path);
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text.trimEnd()).not.toContain('\n');
    expect(usageErrorSchema.parse(JSON.parse(text))).toEqual({
      error: `${field}=${value} is not allowed: it must be ${allowed}`,
      field,
      value,
      allowed,
    });
  });

  it("metering's API answers unknown paths with 404, other methods with 405 and the header allow", async () => {
    expect((await call('/v1/users')).status).toBe(404);
    const response = await call('/v1/usage/42', { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('GET /v1/usage/{user} is answered with 503 without internal details when the store fails', async () => {
    const projectionsOf = store.projectionsOf;
    store.projectionsOf = () => Promise.reject(new Error('planted table name'));
    const response = await call('/v1/usage/42');
    store.projectionsOf = projectionsOf;
    expect([response.status, await response.json()]).toEqual([
      503,
      { error: 'the usage cannot be read now: try again' },
    ]);
  });

  it("metering's metrics count API requests by route and status, without user ids", async () => {
    const text = await metrics.registry.metrics();
    expect(text).toContain('metering_api_requests_total{route="/v1/usage/{user}",status="200"}');
    expect(text).toContain('metering_api_requests_total{route="/v1/usage/{user}",status="400"} 11');
    expect(text).not.toContain('route="/v1/usage/4');
  });
});

describe('GET /openapi.json', () => {
  it('the OpenAPI document of metering lists the accepted parameters and the schemas of the responses', async () => {
    const document = documentSchema.parse(await (await call('/openapi.json')).json());
    const { parameters, responses } = document.paths['/v1/usage/{user}'].get;
    const inQuery = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    expect(inQuery).toEqual(['from', 'to', 'limit', 'nextToken']);
    for (const { content } of Object.values(responses)) {
      const name = content['application/json'].schema.$ref.replace('#/components/schemas/', '');
      expect(document.components.schemas).toHaveProperty(name);
    }
    const response = await usage('/v1/usage/42?limit=1');
    const described = document.components.schemas['Usage']!;
    expect(Object.keys(response).sort()).toEqual(Object.keys(described.properties).sort());
    expect(described.required).not.toContain('nextToken');
  });
});

const content = z.object({ 'application/json': z.object({ schema: z.object({ $ref: z.string() }) }) });
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.object({
    '/v1/usage/{user}': z.object({
      get: z.object({
        parameters: z.array(z.object({ in: z.string(), name: z.string() })),
        responses: z.record(z.string(), z.object({ content })),
      }),
    }),
  }),
  components: z.object({
    schemas: z.record(
      z.string(),
      z.object({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()) }),
    ),
  }),
});
