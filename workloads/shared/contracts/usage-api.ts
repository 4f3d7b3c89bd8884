/**
 * What metering's API answers; metering serves these schemas as its OpenAPI document, polybot reads the answers by them.
 *
 *   GET /v1/usage/{user}?from=2026-11-01&to=2026-11-30&limit=31&nextToken=...
 */
import { z } from 'zod';

const whole = z.int().nonnegative();
const day = z.iso.date('must be a day such as 2026-11-22');

/** The sums of a day or of several. */
export const usageSchema = z.object({
  pictures: whole.describe('Pictures that were looked at'),
  bytes: whole.describe('Bytes of all pictures, also of those that could not be looked at'),
  inferenceMicroseconds: whole.describe('Time in the model'),
  failures: whole.describe('Pictures that could not be looked at'),
});

export const usageAnswerSchema = z.object({
  user: z.string(),
  from: day,
  to: day.describe('Inclusive'),
  countedFrom: day.describe('Usage of earlier days has been deleted'),
  totals: usageSchema.describe('Of all days of the period, whatever the page'),
  days: z.array(usageSchema.extend({ day })).describe('Days with usage, oldest first'),
  nextToken: z.string().optional().describe('Given when there are more days: send it with the same period'),
  quota: z.object({
    plan: z.string(),
    picturesPerMonth: whole,
    remaining: whole.describe('Pictures left in the current month, UTC; what is before `countedFrom` does not count'),
  }),
});

/** An answer that is not 200: one clear line, and what it consists of where a parameter is to blame. */
export const usageErrorSchema = z.object({
  error: z.string().describe('One line'),
  field: z.string().optional(),
  value: z.string().optional(),
  allowed: z.string().optional(),
});

export type Usage = z.infer<typeof usageSchema>;
export type UsageAnswer = z.infer<typeof usageAnswerSchema>;
export type UsageError = z.infer<typeof usageErrorSchema>;
