import { dayOf } from '@stepkube/shared/events/event-items.ts';
import { z } from 'zod';

/** A parameter is wrong: one line with the field, the value and what is allowed. */
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

export interface UsageQuery {
  readonly user: string;
  /** YYYY-MM-DD, UTC, inclusive. */
  readonly from: string;
  readonly to: string;
  /** Days on a page. */
  readonly limit: number;
  /** The last day of the page before; undefined: this is the first page. */
  readonly after: string | undefined;
}

export const mostDaysOnAPage = 100;
const longestPeriodDays = 366;

/** What is allowed for each parameter, as the errors and the OpenAPI document say it. */
export const allowed = {
  user: 'the digits of a Telegram user id',
  from: 'a day such as 2026-11-01, not after `to`',
  to: `a day such as 2026-11-30, at most ${longestPeriodDays} days from \`from\``,
  limit: `a whole number from 1 to ${mostDaysOnAPage}`,
  nextToken: 'the nextToken of the page before, with the same user, from and to',
} as const;

const isUser = /^\d{1,20}$/;
const daySchema = z.iso.date();
const limitSchema = z.coerce.number().int().min(1).max(mostDaysOnAPage);
const tokenSchema = z.strictObject({ user: z.string(), from: z.string(), to: z.string(), after: daySchema });

/** First and last day of the month that a day is in. */
export function monthOf(day: string): { readonly from: string; readonly to: string } {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return { from: `${day.slice(0, 7)}-01`, to: dayOf(Date.UTC(year, month, 0)) };
}

/** @throws InvalidParameterError for the first parameter that is wrong, or not known at all */
export function readUsageQuery(user: string, parameters: URLSearchParams, today: string): UsageQuery {
  for (const name of parameters.keys()) {
    if (!(name in allowed) || name === 'user')
      throw new InvalidParameterError('parameter', name, 'from, to, limit or nextToken');
  }
  if (!isUser.test(user)) throw new InvalidParameterError('user', user, allowed.user);
  const month = monthOf(today);
  const from = read(parameters, 'from', daySchema) ?? month.from;
  const to = read(parameters, 'to', daySchema) ?? monthOf(from > today ? from : today).to;
  if (from > to) throw new InvalidParameterError('from', from, allowed.from);
  if ((Date.parse(to) - Date.parse(from)) / 86_400_000 >= longestPeriodDays)
    throw new InvalidParameterError('to', to, allowed.to);
  const limit = read(parameters, 'limit', limitSchema) ?? mostDaysOnAPage;
  const nextToken = parameters.get('nextToken');
  return { user, from, to, limit, after: nextToken === null ? undefined : afterOf(nextToken, { user, from, to }) };
}

/** Opaque to the caller, and good for one user and period only. */
export function nextTokenOf({ user, from, to }: Omit<UsageQuery, 'limit' | 'after'>, after: string): string {
  return Buffer.from(JSON.stringify({ user, from, to, after })).toString('base64url');
}

function afterOf(nextToken: string, period: Readonly<Record<'user' | 'from' | 'to', string>>): string {
  const token = tokenSchema.safeParse(parseJson(Buffer.from(nextToken, 'base64url').toString('utf8'))).data;
  const fits = token?.user === period.user && token.from === period.from && token.to === period.to;
  if (token === undefined || !fits) throw new InvalidParameterError('nextToken', nextToken, allowed.nextToken);
  return token.after;
}

function read<T>(parameters: URLSearchParams, name: keyof typeof allowed, schema: z.ZodType<T>): T | undefined {
  const [value, ...more] = parameters.getAll(name);
  if (value === undefined) return undefined;
  if (more.length > 0) throw new InvalidParameterError(name, [value, ...more].join(','), `${allowed[name]}, once`);
  const parsed = schema.safeParse(value === '' ? undefined : value);
  if (!parsed.success) throw new InvalidParameterError(name, value, allowed[name]);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
