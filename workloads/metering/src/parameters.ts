import { z } from 'zod';

/** A parameter is wrong: the message is one line with the field, its value and what is allowed. */
export class InvalidParameterError extends Error {
  override readonly name = 'InvalidParameterError';
  readonly field: string;
  readonly value: string;
  readonly allowed: string;

  constructor(field: string, value: string, allowed: string) {
    super(`${field}=${value} is not allowed: it must be ${allowed}`);
    this.field = field;
    this.value = value;
    this.allowed = allowed;
  }
}

export const maxDaysPerPage = 100;
export const maxPeriodDays = 366;

/** What is allowed for each parameter, in the words of the errors and of the OpenAPI document. */
export const allowed = {
  user: 'the digits of a Telegram user id',
  from: 'a day such as 2026-11-01, not after `to`',
  to: `a day such as 2026-11-30, at most ${maxPeriodDays} days from \`from\``,
  limit: `a whole number from 1 to ${maxDaysPerPage}`,
  nextToken: 'the nextToken of the page before, with the same user, from and to',
} as const;

export const pathParameters = z.object({ user: z.string().regex(/^\d{1,20}$/).describe(allowed.user) }); // biome-ignore format: one line

export const queryParameters = z.strictObject({
  from: z.iso.date().optional().describe(`By default the first day of the current month. ${allowed.from}`),
  to: z.iso.date().optional().describe(`Inclusive; by default the last day of the current month. ${allowed.to}`),
  limit: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(maxDaysPerPage)
    .optional()
    .describe(`By default ${maxDaysPerPage}. ${allowed.limit}`),
  nextToken: z.string().optional().describe(allowed.nextToken),
});

export type UsageParameters = z.output<typeof queryParameters>;

/**
 * The first thing that is wrong with a request's parameters.
 * @param valuesOf the values of a parameter: several when it is repeated
 */
export function invalidParameterOf(
  issues: readonly z.core.$ZodIssue[],
  valuesOf: (name: string) => readonly string[],
): InvalidParameterError {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined)
    return new InvalidParameterError('parameter', unknown.keys[0] ?? '', 'from, to, limit or nextToken');
  const name = String(issues[0]?.path[0]) as keyof typeof allowed;
  const values = valuesOf(name);
  return new InvalidParameterError(
    name,
    values.join(','),
    values.length > 1 ? `${allowed[name]}, once` : allowed[name],
  );
}
