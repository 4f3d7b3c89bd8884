/**
 * The responses of metering's HTTP API. metering generates its OpenAPI document from these schemas (the `id`s are the names
 * there); polybot checks with them what it receives.
 *
 *   GET /v1/usage/{user}?from=2026-11-01&to=2026-11-30&limit=31&nextToken=...
 */
import { z } from 'zod';

const wholeNumber = z.int().nonnegative();
const day = z.iso.date('must be a day such as 2026-11-22');

/** The sums of one day or of several days. */
export const usageSchema = z.object({
  pictures: wholeNumber.describe('Pictures that were looked at'),
  bytes: wholeNumber.describe('Bytes of all pictures, also of those that could not be looked at'),
  inferenceMicroseconds: wholeNumber.describe('Time in the model'),
  failures: wholeNumber.describe('Pictures that could not be looked at'),
});

export const usageResponseSchema = z
  .object({
    user: z.string(),
    from: day,
    to: day.describe('Inclusive'),
    countedFrom: day.describe('Usage of earlier days has been deleted'),
    totals: usageSchema.describe('Of all days of the period, whatever the page'),
    days: z.array(usageSchema.extend({ day })).describe('Days with usage, oldest first'),
    nextToken: z.string().optional().describe('Given when there are more days: send it with the same period'),
  })
  .meta({ id: 'Usage' });

/** Every response that is not 200. The last three fields are set when a parameter is wrong. */
export const usageErrorSchema = z
  .object({
    error: z.string().describe('One line'),
    field: z.string().optional(),
    value: z.string().optional(),
    allowed: z.string().optional(),
  })
  .meta({ id: 'Error' });

export type Usage = z.infer<typeof usageSchema>;
export type UsageResponse = z.infer<typeof usageResponseSchema>;
export type UsageError = z.infer<typeof usageErrorSchema>;
