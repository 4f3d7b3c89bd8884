import type { UsageResponse } from '@stepkube/shared/contracts/usage-api.ts';
import type { Quota } from './admission.ts';

/** The bot's texts about usage and stored data. */
export const accountWording = {
  usageUnavailable:
    'I cannot look up your usage now. Your pictures are still counted; please ask again in a few minutes.',
  forgotten: [
    'I forget you: what was counted for you until now is being deleted.',
    "It takes a moment until /usage shows it. The month's quota does not start anew. /privacy says what goes by itself, and when.",
  ].join('\n'),
} as const;

/** Refuses a picture because the month's quota is used up. */
export function quotaText({ plan, picturesPerMonth }: Quota): string {
  return `You have used all ${picturesPerMonth} pictures of this month (plan ${plan}). The count starts anew with the next month; /usage says more.`;
}

/** A month's sums and the rest of the quota. */
export function usageText(
  { from, to, countedFrom, totals }: UsageResponse,
  { plan, picturesPerMonth, remaining }: Quota & { readonly remaining: number },
): string {
  const { pictures, failures, bytes, inferenceMicroseconds } = totals;
  const seconds = inferenceMicroseconds / 1_000_000;
  return [
    `From ${from > countedFrom ? from : countedFrom} to ${to}:`,
    `${counted(pictures, 'picture')} looked at${failures === 0 ? '' : `, ${failures} that I could not look at`}`,
    `${(bytes / 1_000_000).toFixed(1)} MB, ${seconds.toFixed(1)} s of computing`,
    `Left this month: ${remaining} of ${picturesPerMonth} pictures (plan ${plan})`,
  ].join('\n');
}

/** What is stored and for how long. */
export function privacyText({ picturesDays, eventsDays }: Retention): string {
  return [
    `Pictures: yours and my answer are deleted after ${counted(picturesDays, 'day')}. They serve your answer and nothing else.`,
    `Usage: how many pictures you sent, their size and computing time, by your Telegram number, for ${counted(eventsDays, 'day')}. Not your name.`,
    `Statistics: which kinds of objects were found, without who sent the picture, for ${counted(eventsDays, 'day')}.`,
    'When I fail at a picture: what was asked, with your Telegram number but without the picture, for 14 days, to find the fault.',
    "How many pictures you sent this month, by a number that does not tell whose it is, until the month's end: /forget does not give the quota back.",
    'Which pictures I have answered, by numbers that do not tell whose they are, for 14 days.',
    `/forget deletes your usage now. A copy of the events, only used to count anew, goes after ${counted(eventsDays, 'day')}.`,
    'I write no names, messages or pictures into logs.',
  ].join('\n\n');
}

export interface Retention {
  readonly picturesDays: number;
  readonly eventsDays: number;
}

const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`;
