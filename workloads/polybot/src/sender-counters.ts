import { createHmac } from 'node:crypto';

/**
 * Counters of what a sender sent, by the messages' own dates: {pk "minute#<sender>#<minute>", pictures: 7, texts: 1} and
 * {pk "month#<sender>#2026-11", pictures: 120}. The sender's id is hashed with the bot's token as key, as in job ids, so that the
 * items identify nobody; that is why the month's count may outlive a /forget.
 */
export interface Counter {
  readonly key: { readonly pk: string };
  /** Unix seconds. */
  readonly expiresAtSeconds: number;
}

const secondsPerMinute = 60;
const minuteTtlSeconds = 3_600;
/** Telegram keeps what it could not deliver for a day: such messages count in the month in which they were sent. */
const monthGraceSeconds = 2 * 86_400;

/** @param sentAt ISO 8601; a minute of the past is kept from now on */
export function minuteCounterOf(token: string, userId: string, sentAt: string, nowSeconds: number): Counter {
  const minute = Math.floor(Date.parse(sentAt) / 1000 / secondsPerMinute);
  return {
    key: { pk: `minute#${senderHash(token, 'minute', userId)}#${minute}` },
    expiresAtSeconds: nowSeconds + minuteTtlSeconds,
  };
}

/** @param sentAt ISO 8601 */
export function monthCounterOf(token: string, userId: string, sentAt: string): Counter {
  const month = sentAt.slice(0, 7);
  const [year, number] = month.split('-').map(Number) as [number, number];
  return {
    key: { pk: `month#${senderHash(token, 'month', userId)}#${month}` },
    expiresAtSeconds: Date.UTC(year, number) / 1000 + monthGraceSeconds,
  };
}

/** Where the open jobs of a sender are listed. */
export const openJobsKeyOf = (token: string, userId: string) => ({ pk: `open#${senderHash(token, 'open', userId)}` });

const senderHash = (token: string, purpose: 'minute' | 'month' | 'open', userId: string) =>
  createHmac('sha256', token).update(`${purpose}/${userId}`).digest('hex').slice(0, 32);
