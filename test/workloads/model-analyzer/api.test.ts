import { type HttpServer, startHttpServer } from '@stepkube/shared/service/http-server.ts';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, modelsAfter, usualBehavior } from '#support/workloads/analysis-events.ts';
import { createApi } from '#workloads/model-analyzer/src/api.ts';
import type { ReadModels } from '#workloads/model-analyzer/src/models.ts';
import {
  driftResponse,
  modelListResponse,
  modelResponse,
  problemResponse,
} from '#workloads/model-analyzer/src/responses.ts';

const some = { ...usualBehavior, picturesPerDay: 60 };
const models = modelsAfter([
  ...eventsOf({ ...some, failedShare: 0.05 }, 1),
  ...eventsOf({ ...some, version: 'v2', from: '2026-11-15', emptyShare: 0.2 }, 2),
]);
const [v1, v2] = ['/v1/models/demo%40v1%23763100000000', '/v1/models/demo%40v2%23763200000000'];

let server: HttpServer;
let readModels: ReadModels = async () => models;
const requests: string[] = [];
beforeAll(async () => {
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    app: createApi({
      readModels: () => readModels(),
      retentionDays: 14,
      log: pino({ enabled: false }),
      onRequest: (route, status) => requests.push(`${route} ${status}`),
    }),
  });
});
afterAll(() => server.stop());

const call = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${server.port}${path}`, init);
async function get<T>(path: string, schema: { parse(value: unknown): T }): Promise<T> {
  const response = await call(path);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  return schema.parse(await response.json());
}

describe('GET /v1/models', () => {
  it('GET /v1/models lists the models, oldest first, with verdict and link', async () => {
    const list = await get('/v1/models', modelListResponse);
    expect(list.models.map(({ version, level, href }) => [version, level, href])).toEqual([
      ['v1', 'not enough data', v1],
      ['v2', 'drift', v2],
    ]);
    expect(list.models[1]!.verdict).toMatch(/^drift: more empty results \(\d % -> \d\d %\)$/);
    expect(list.models[1]!.emptyShare).toBeCloseTo(0.2, 1);
  });
});

describe('GET /v1/models/{id}', () => {
  it('GET /v1/models/{id} describes a model with consistent sums', async () => {
    const model = await get(v1, modelResponse);
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    const failed = sum(model.failures.map(({ pictures }) => pictures));
    expect(model.pictures + failed).toBe(7 * 60);
    expect(failed).toBeGreaterThan(5);
    expect(sum(model.classes.map(({ objects }) => objects))).toBe(model.objects);
    expect(sum(model.classes.map(({ share }) => share))).toBeCloseTo(1);
    expect(sum(model.confidence)).toBe(model.objects);
    expect(sum(model.latency.buckets.map(({ inferences }) => inferences))).toBe(model.pictures);
    expect(sum(model.days.map(({ empty }) => empty))).toBe(model.empty.pictures);
    expect(model.days.map(({ day }) => day)).toEqual(
      ['08', '09', '10', '11', '12', '13', '14'].map((d) => `2026-11-${d}`),
    );
    expect(model.classes[0]!.label).toBe('person');
    expect(model.latency.p50Microseconds! / 48_000).toBeCloseTo(1, 1);
    expect(model.latency.p99Microseconds!).toBeGreaterThan(model.latency.p90Microseconds!);
  });

  it('GET /v1/models/{id} with from and to includes both days', async () => {
    const { days, pictures } = await get(`${v1}?from=2026-11-09&to=2026-11-10`, modelResponse);
    expect(days.map(({ day }) => day)).toEqual(['2026-11-09', '2026-11-10']);
    expect(days[0]!.pictures + days[1]!.pictures).toBe(pictures);
    expect(await get(`${v1}?from=2027-01-01`, modelResponse)).toMatchObject({
      pictures: 0,
      empty: { share: 0 },
      latency: { p50Microseconds: null },
    });
  });

  it.each([
    [`${v1}?from=yesterday`, 400, 'from=yesterday must be a day such as 2026-11-22'],
    [`${v1}?from=2026-11-10&to=2026-11-09`, 400, 'from=2026-11-10 must not be after `to`'],
    [`${v1}?user=42`, 400, 'Unrecognized key: "user"'],
    ['/v1/models/%zz', 400, '%zz is not percent-encoded as it should be'],
    ['/v1/models/none', 404, 'there is no model none: /v1/models lists them'],
    ['/v1/models/none/drift', 404, 'there is no model none: /v1/models lists them'],
    ['/v1/usage/42', 404, '/v1/usage/42 is nothing: see /openapi.json'],
    ['/?model=none', 404, 'there is no model none'],
  ])('GET %s is refused with %i and a problem of RFC 9457', async (path, status, detail) => {
    const response = await call(path);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problemResponse.parse(await response.json())).toMatchObject({ status, detail });
    expect(response.status).toBe(status);
  });

  it('model-analyzer answers other methods than GET with 405 and the header allow', async () => {
    const response = await call(v1, { method: 'DELETE' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('GET /v1/models/{id} is answered with 503 without internal details when the store fails', async () => {
    readModels = () => Promise.reject(new Error('planted table name'));
    const response = await call(v1);
    readModels = async () => models;
    expect([response.status, await response.text()]).toEqual([503, expect.not.stringContaining('planted')]);
  });
});

describe('GET /v1/models/{id}/drift', () => {
  it('GET /v1/models/{id}/drift compares with the previous version and states every measure', async () => {
    const drift = await get(`${v2}/drift`, driftResponse);
    expect(drift).toMatchObject({ previous: 'demo@v1#763100000000', level: 'drift' });
    expect(drift.measures.map(({ name, level }) => `${name}: ${level}`)).toEqual([
      'emptyShare: drift',
      'classMix: no drift',
      'confidence: no drift',
      'latency: no drift',
    ]);
    expect(await get(`${v1}/drift`, driftResponse)).toMatchObject({ previous: null, level: 'not enough data' });
  });
});

describe('GET /openapi.json', () => {
  it('the OpenAPI document of model-analyzer lists every /v1 path and contains every schema that it refers to', async () => {
    const served = await (await call('/openapi.json')).json();
    expect(served.openapi).toBe('3.1.0');
    expect(Object.keys(served.paths)).toEqual(['/v1/models', '/v1/models/{id}', '/v1/models/{id}/drift']);
    for (const [, name] of JSON.stringify(served).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(served.components.schemas).toHaveProperty(name!);
  });
});

describe('the report', () => {
  it("the model report's Content-Security-Policy allows its own style sheet only, and no framing", async () => {
    const response = await call('/');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]+='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    const page = await response.text();
    expect(page).not.toMatch(/<script|style=|src=|url\(|@import|https?:/);
  });

  it('the model report shows the newest model, or the one of the parameter model', async () => {
    expect(await (await call('/')).text()).toContain('<title>demo v2');
    expect(await (await call('/?model=demo%40v1%23763100000000')).text()).toContain('<title>demo v1');
  });

  it('the model report works without any model, and escapes names and labels', async () => {
    readModels = async () => [];
    expect(await (await call('/')).text()).toContain('No model has looked at a picture yet');
    const days = [{ day: '2026-11-08', counters: { pictures: 1, 'latency/3': 1, 'confidence/<b onclick="x">/3': 1 } }];
    readModels = async () => [{ ...models[0]!, name: '<script>', days }];
    const page = await (await call('/')).text();
    readModels = async () => models;
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/<script|<b /);
  });
});

describe('metrics', () => {
  it("model-analyzer's metrics count API requests by route, never by path", () => {
    expect(new Set(requests.map((request) => request.split(' ')[0]))).toEqual(
      new Set(['/v1/models', '/v1/models/{id}', '/v1/models/{id}/drift', '/openapi.json', '/', 'other']),
    );
    expect(requests).toEqual(expect.arrayContaining(['/v1/models/{id} 400', '/v1/models/{id} 405']));
  });
});
