import type { Context } from 'hono';
import type { ProblemResponse } from './responses.ts';

const titles = {
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  503: 'Service Unavailable',
} as const;

/** The request asks for something that does not exist or is not possible; the message goes to the caller. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly status: 400 | 404 | 405;

  constructor(status: 400 | 404 | 405, message: string) {
    super(message);
    this.status = status;
  }
}

/** A response of RFC 9457. */
export function problemOf(context: Context, status: keyof typeof titles, detail: string): Response {
  const problem: ProblemResponse = { title: titles[status], status, detail };
  return context.json(problem, status, {
    'content-type': 'application/problem+json',
    ...(status === 405 ? { allow: 'GET' } : {}),
  });
}
