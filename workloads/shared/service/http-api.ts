import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';

/** The pattern of the matched route, such as `/v1/usage/{user}`, or `other`. For metrics: never the path itself. */
export function routeLabelOf(context: Context): string {
  const pattern = routePath(context, -1);
  return pattern.includes('*') ? 'other' : pattern.replaceAll(/:(\w+)/g, '{$1}');
}

/** Every response is computed from current data and may not be stored by caches. */
export const noStore: MiddlewareHandler = (context, next) => {
  context.header('cache-control', 'no-store');
  return next();
};
