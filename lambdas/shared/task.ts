import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { type ZodType, z } from 'zod';
import { asUnavailable } from './aws-unavailable.ts';
import { DeadlineExceededError, InvalidInputError } from './errors.ts';

/** Reserved at the end of an invocation, so that the error still reaches Step Functions. */
const reserveMilliseconds = 500;

/** Structured logs. Inputs, tokens and secrets are never logged. */
export const logger = new Logger();

export interface Invocation {
  /** Aborts shortly before the function's timeout. Pass it to every call that accepts one. */
  readonly signal: AbortSignal;
  /** When `signal` aborts, in milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * Makes a Lambda handler: checks the input, bounds the time and names the errors. It is the project's only middleware
 * composition. Errors are never turned into results: Step Functions must see them.
 * @throws InvalidInputError when the event does not match `schema`
 * @throws DeadlineExceededError shortly before the function's timeout
 * @throws AwsUnavailableError in place of an AWS client's error if repeating later may work
 */
export function task<Input, Output>(
  schema: ZodType<Input>,
  work: (input: Input, invocation: Invocation) => Promise<Output>,
): (event: unknown, context: Context) => Promise<Output> {
  return middy<unknown, Output>({ timeoutEarlyInMillis: reserveMilliseconds, timeoutEarlyResponse: exceedDeadline })
    .before((request) => {
      logger.addContext(request.context);
      const parsed = schema.safeParse(request.event);
      if (!parsed.success) throw new InvalidInputError(`the input is not valid: ${describe(parsed.error)}`);
      request.event = parsed.data;
    })
    .onError((request) => {
      logger.error(request.error?.message ?? 'failed', { errorName: request.error?.name });
    })
    .handler((input, context, { signal }) =>
      work(input as Input, {
        signal,
        deadline: Date.now() + context.getRemainingTimeInMillis() - reserveMilliseconds,
      }).catch((error: unknown) => {
        throw asUnavailable(error);
      }),
    ) as unknown as (event: unknown, context: Context) => Promise<Output>;
}

function exceedDeadline(): never {
  throw new DeadlineExceededError("the work was not finished before the function's timeout");
}

/** Names fields and rules, not values: an input may hold a task token. */
function describe(error: z.ZodError): string {
  return z
    .prettifyError(error)
    .split('\n')
    .map((line) => line.replace('✖ ', '').trim())
    .join(' ');
}
