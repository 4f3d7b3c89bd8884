/** What the API answers, as schemas: the OpenAPI document is made of them, and the answers have their types. */

import { rejectionReasons } from '@stepkube/shared/contracts/contracts.ts';
import { z } from 'zod';
import { confidenceBins } from './histogram.ts';

const whole = z.int().nonnegative();
const share = z.number().min(0).max(1);
const day = z.iso.date();
const id = z
  .string()
  .describe('name@version#<first 12 digits of the SHA-256 of the weights>; percent-encode it in a path');
const verdict = z.string().describe("In words: 'no drift', 'watch: ...', 'drift: more empty results (4 % -> 11 %)'");
const level = z.enum(['no drift', 'watch', 'drift', 'not enough data']);
const bins = z
  .array(whole)
  .length(confidenceBins)
  .describe(`Objects by confidence: ${confidenceBins} bins of equal width from 0 to 1`);
const microseconds = whole.nullable().describe('Null when there was no inference');

const identity = {
  id,
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  firstSeenAt: z.iso.datetime().describe('Versions of a model are ordered by this'),
};

export const modelListAnswer = z.strictObject({
  models: z.array(
    z.strictObject({ ...identity, href: z.string(), pictures: whole, emptyShare: share, level, verdict }),
  ),
});

export const modelAnswer = z.strictObject({
  ...identity,
  pictures: whole.describe('Pictures the model looked at'),
  objects: whole,
  empty: z.strictObject({ pictures: whole, share }).describe('Pictures in which it found nothing'),
  failures: z
    .array(z.strictObject({ reason: z.enum(rejectionReasons), pictures: whole }))
    .describe('Pictures that could not be looked at'),
  classes: z
    .array(z.strictObject({ label: z.string(), objects: whole, share, meanConfidence: share, confidence: bins }))
    .describe('Most frequent first'),
  confidence: bins,
  latency: z.strictObject({
    p50Microseconds: microseconds,
    p90Microseconds: microseconds,
    p99Microseconds: microseconds,
    buckets: z
      .array(z.strictObject({ upToMicroseconds: whole, inferences: whole }))
      .describe('Those that are not empty; each is 9 % wide'),
  }),
  days: z.array(z.strictObject({ day, pictures: whole, empty: whole, failed: whole })).describe('UTC, oldest first'),
});

export const driftAnswer = z.strictObject({
  id,
  previous: id.nullable().describe('The version of the same name that was first seen before it'),
  level,
  verdict,
  measures: z.array(
    z.strictObject({
      name: z.enum(['classMix', 'confidence', 'emptyShare', 'latency']),
      level: z.enum(['no drift', 'watch', 'drift']),
      value: z
        .number()
        .describe(
          'classMix, confidence: population stability index; emptyShare: change in points; latency: change as a share',
        ),
      watchFrom: z.number(),
      driftFrom: z.number(),
      text: z.string(),
    }),
  ),
});

/** RFC 9457. */
export const problemAnswer = z.strictObject({ title: z.string(), status: z.int(), detail: z.string() });

export const periodQuery = z
  .strictObject({
    from: z.iso.date('must be a day such as 2026-11-22').optional(),
    to: z.iso.date('must be a day such as 2026-11-22').optional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['from'],
    error: 'must not be after `to`',
  });

export type ModelListAnswer = z.infer<typeof modelListAnswer>;
export type ModelAnswer = z.infer<typeof modelAnswer>;
export type DriftAnswer = z.infer<typeof driftAnswer>;
export type Problem = z.infer<typeof problemAnswer>;
