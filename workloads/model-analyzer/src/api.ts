import { type Hook, OpenAPIHono } from '@hono/zod-openapi';
import { noStore, routeLabelOf } from '@stepkube/shared/service/http-api.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Context, Env } from 'hono';
import { describeDrift, describeModel, describeModels } from './describe.ts';
import type { Model, ReadModels } from './models.ts';
import { problemOf, RefusalError } from './problem.ts';
import { reportHeaders, reportPage } from './report/page.ts';
import { documentConfig, getDriftRoute, getModelRoute, listModelsRoute } from './routes.ts';

export interface ApiOptions {
  readonly readModels: ReadModels;
  /** For how long counts are kept; the report states it. */
  readonly retentionDays: number;
  readonly log: Log;
  /** `route` is the path's pattern, never the path: it is the label of a metric. */
  readonly onRequest: (route: string, status: number) => void;
}

/** GET / (the report), GET /openapi.json and GET /v1/...; everything else is refused with a problem of RFC 9457. */
export function createApi({ readModels, retentionDays, log, onRequest }: ApiOptions): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: refuseInvalid });
  const modelOf = async (id: string): Promise<{ readonly model: Model; readonly models: readonly Model[] }> => {
    const models = await readModels();
    const model = models.find((other) => other.id === id);
    if (model === undefined) throw new RefusalError(404, `there is no model ${id}: /v1/models lists them`);
    return { model, models };
  };

  app.use(async (context, next) => {
    await next();
    onRequest(routeLabelOf(context), context.res.status);
  });
  app.use(noStore);
  app.use((context, next) => {
    context.header('x-content-type-options', 'nosniff');
    return next();
  });
  app.use('/v1/models/:id/*', async (context, next) => {
    assertPercentEncoded(context);
    await next();
  });
  app.openapi(listModelsRoute, async (context) => context.json(describeModels(await readModels()), 200));
  app.openapi(getModelRoute, async (context) => {
    const { model } = await modelOf(context.req.valid('param').id);
    return context.json(describeModel(model, context.req.valid('query')), 200);
  });
  app.openapi(getDriftRoute, async (context) => {
    const { model, models } = await modelOf(context.req.valid('param').id);
    return context.json(describeDrift(model, models), 200);
  });
  app.get('/openapi.json', (context) => context.json(app.getOpenAPI31Document(documentConfig)));
  app.get('/', async (context) => {
    const models = await readModels();
    const id = context.req.query('model') ?? models.at(-1)?.id;
    const chosen = models.find((model) => model.id === id);
    if (chosen === undefined && models.length > 0) throw new RefusalError(404, `there is no model ${id}`);
    return context.body(reportPage({ models, chosen, retentionDays }), 200, reportHeaders);
  });
  for (const path of new Set(app.routes.filter(({ method }) => method === 'GET').map((route) => route.path)))
    app.all(path, refuseMethod);
  app.notFound((context) =>
    context.req.method === 'GET'
      ? problemOf(context, 404, `${context.req.path} is nothing: see /openapi.json`)
      : refuseMethod(context),
  );
  app.onError((error, context) => {
    if (error instanceof RefusalError) return problemOf(context, error.status, error.message);
    log.error({ err: error, route: routeLabelOf(context) }, 'the request could not be answered');
    return problemOf(context, 503, 'the counts cannot be read now: try again');
  });
  return app;
}

const refuseInvalid: Hook<unknown, Env, string, unknown> = (result, context) => {
  if (result.success) return undefined;
  const complaints = result.error.issues.map(({ path: [name], message }) =>
    name === undefined ? message : `${String(name)}=${context.req.query(String(name))} ${message}`,
  );
  return problemOf(context, 400, complaints.join('; '));
};

const refuseMethod = (context: Context) =>
  problemOf(context, 405, `${context.req.method} ${context.req.path}: only GET is answered here`);

/** Hono passes a path parameter that it cannot decode on as it is; looking it up as an id would answer 404. */
function assertPercentEncoded({ req }: Context): void {
  const segment = new URL(req.url).pathname.split('/')[3] ?? '';
  try {
    decodeURIComponent(segment);
  } catch {
    throw new RefusalError(400, `${segment} is not percent-encoded as it should be`);
  }
}
