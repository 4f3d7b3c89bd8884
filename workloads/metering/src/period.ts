import { dayOf } from '@stepkube/shared/events/event-items.ts';
import { parseJson } from '@stepkube/shared/service/parse-json.ts';
import { z } from 'zod';
import { allowed, InvalidParameterError, maxDaysPerPage, maxPeriodDays, type UsageParameters } from './parameters.ts';

export interface UsageQuery {
  readonly user: string;
  /** YYYY-MM-DD, UTC, inclusive. */
  readonly from: string;
  readonly to: string;
  /** Days per page. */
  readonly limit: number;
  /** The last day of the previous page; undefined on the first page. */
  readonly after: string | undefined;
}

const millisecondsPerDay = 86_400_000;
const tokenSchema = z.strictObject({ user: z.string(), from: z.string(), to: z.string(), after: z.iso.date() });

/** First and last day of the month that contains a day. */
export function monthOf(day: string): { readonly from: string; readonly to: string } {
  const [year, month] = day.split('-').map(Number) as [number, number];
  return { from: `${day.slice(0, 7)}-01`, to: dayOf(Date.UTC(year, month, 0)) };
}

/**
 * Fills in the defaults (the current month) and checks the parameters against each other.
 * @param today YYYY-MM-DD, UTC
 * @throws InvalidParameterError for the first one that is wrong
 */
export function resolveQuery(user: string, parameters: UsageParameters, today: string): UsageQuery {
  const from = parameters.from ?? monthOf(today).from;
  const to = parameters.to ?? monthOf(from > today ? from : today).to;
  if (from > to) throw new InvalidParameterError('from', from, allowed.from);
  if ((Date.parse(to) - Date.parse(from)) / millisecondsPerDay >= maxPeriodDays)
    throw new InvalidParameterError('to', to, allowed.to);
  const { limit = maxDaysPerPage, nextToken } = parameters;
  return { user, from, to, limit, after: nextToken === undefined ? undefined : afterOf(nextToken, { user, from, to }) };
}

/** Opaque to the caller; valid for one user and period only. */
export function nextTokenOf({ user, from, to }: Omit<UsageQuery, 'limit' | 'after'>, after: string): string {
  return Buffer.from(JSON.stringify({ user, from, to, after })).toString('base64url');
}

function afterOf(nextToken: string, period: Readonly<Record<'user' | 'from' | 'to', string>>): string {
  const token = tokenSchema.safeParse(parseJson(Buffer.from(nextToken, 'base64url').toString('utf8'))).data;
  const fits = token?.user === period.user && token.from === period.from && token.to === period.to;
  if (token === undefined || !fits) throw new InvalidParameterError('nextToken', nextToken, allowed.nextToken);
  return token.after;
}
