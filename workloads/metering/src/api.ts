import { createRoute, type Hook, OpenAPIHono } from '@hono/zod-openapi';
import { type UsageError, usageErrorSchema, usageResponseSchema } from '@stepkube/shared/contracts/usage-api.ts';
import { dayOf } from '@stepkube/shared/events/event-items.ts';
import { noStore, routeLabelOf } from '@stepkube/shared/service/http-api.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Context, Env } from 'hono';
import { z } from 'zod';
import type { Metrics } from './metrics.ts';
import { InvalidParameterError, invalidParameterOf, pathParameters, queryParameters } from './parameters.ts';
import { resolveQuery } from './period.ts';
import type { UsageStore } from './usage-events.ts';
import { readUsage } from './usage-response.ts';

export interface UsageApiOptions {
  readonly store: UsageStore;
  readonly retentionDays: number;
  readonly metrics: Pick<Metrics, 'apiRequests' | 'apiSeconds'>;
  readonly log: Log;
  /** Unix milliseconds. @default Date.now */
  readonly now?: () => number;
}

const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

const usageRoute = createRoute({
  method: 'get',
  path: '/v1/usage/{user}',
  operationId: 'getUsage',
  summary: 'Usage of one user, by day',
  request: { params: pathParameters, query: queryParameters },
  responses: {
    200: json('The usage; a user without any has no days', usageResponseSchema),
    400: json('A parameter is wrong', usageErrorSchema),
    405: json('Not a GET', usageErrorSchema),
    503: json('The usage cannot be read now', usageErrorSchema),
  },
});

const documentRoute = createRoute({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getOpenApi',
  summary: 'This document',
  responses: { 200: json('OpenAPI 3.1', z.looseObject({})) },
});

const paths = [usageRoute.path, documentRoute.path];

const documentConfig = {
  openapi: '3.1.0',
  info: {
    title: 'stepkube metering',
    version: '1.0.0',
    description: `Usage of the object-detection service per Telegram user and UTC day.`,
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: 'http://metering.stepkube.svc.cluster.local' }],
};

/** GET /v1/usage/{user} and GET /openapi.json. */
export function createApi({ store, retentionDays, metrics, log, now = Date.now }: UsageApiOptions): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  app.use(async (context, next) => {
    const finished = metrics.apiSeconds.startTimer();
    await next();
    metrics.apiRequests.inc({ route: routeLabelOf(context), status: context.res.status });
    finished();
  });
  app.use(noStore);
  app.openapi(usageRoute, async (context) => {
    const today = dayOf(now());
    const query = resolveQuery(context.req.valid('param').user, context.req.valid('query'), today);
    return context.json(await readUsage({ store, query, retentionDays, today }), 200);
  });
  app.openAPIRegistry.registerPath(documentRoute);
  app.get(documentRoute.path, (context) => context.json(app.getOpenAPI31Document(documentConfig)));
  for (const path of [usageRoute.getRoutingPath(), documentRoute.getRoutingPath()]) app.all(path, refuseMethod);
  app.notFound((context) =>
    context.json(errorOf(new InvalidParameterError('path', context.req.path, paths.join(' or '))), 404),
  );
  app.onError((error, context) => {
    if (error instanceof InvalidParameterError) return context.json(errorOf(error), 400);
    log.error({ err: error }, 'the usage could not be read');
    return context.json<UsageError>({ error: 'the usage cannot be read now: try again' }, 503);
  });
  return app;
}

const refuseInvalid: Hook<unknown, Env, string, unknown> = (result, context) => {
  if (result.success) return undefined;
  const valuesOf = (name: string) =>
    result.target === 'param' ? [context.req.param(name) ?? ''] : (context.req.queries(name) ?? ['']);
  return context.json(errorOf(invalidParameterOf(result.error.issues, valuesOf)), 400);
};

const refuseMethod = (context: Context) =>
  context.json(errorOf(new InvalidParameterError('method', context.req.method, 'GET')), 405, { allow: 'GET' });

const errorOf = ({ message, field, value, allowed }: InvalidParameterError): UsageError => ({
  error: message,
  field,
  value,
  allowed,
});
