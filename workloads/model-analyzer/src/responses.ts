/** The API's responses as schemas: they give the code its types, and the OpenAPI document its components by their `id`s. */
import { rejectionReasons } from '@stepkube/shared/contracts/messages.ts';
import { z } from 'zod';
import { confidenceBins } from './histogram.ts';

const wholeNumber = z.int().nonnegative();
const share = z.number().min(0).max(1);
const day = z.iso.date();
const id = z
  .string()
  .describe('name@version#<first 12 digits of the SHA-256 of the weights>; percent-encode it in a path');
const verdict = z.string().describe("In words: 'no drift', 'watch: ...', 'drift: more empty results (4 % -> 11 %)'");
const level = z.enum(['no drift', 'watch', 'drift', 'not enough data']);
const bins = z
  .array(wholeNumber)
  .length(confidenceBins)
  .describe(`Objects by confidence: ${confidenceBins} bins of equal width from 0 to 1`);
const microseconds = wholeNumber.nullable().describe('Null when there was no inference');

const identity = {
  id,
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  firstSeenAt: z.iso.datetime().describe('Versions of a model are ordered by this'),
};

export const modelListResponse = z
  .strictObject({
    models: z.array(
      z.strictObject({ ...identity, href: z.string(), pictures: wholeNumber, emptyShare: share, level, verdict }),
    ),
  })
  .meta({ id: 'ModelList' });

export const modelResponse = z
  .strictObject({
    ...identity,
    pictures: wholeNumber.describe('Pictures the model looked at'),
    objects: wholeNumber,
    empty: z.strictObject({ pictures: wholeNumber, share }).describe('Pictures in which it found nothing'),
    failures: z
      .array(z.strictObject({ reason: z.enum(rejectionReasons), pictures: wholeNumber }))
      .describe('Pictures that could not be looked at'),
    classes: z
      .array(
        z.strictObject({ label: z.string(), objects: wholeNumber, share, meanConfidence: share, confidence: bins }),
      )
      .describe('Most frequent first'),
    confidence: bins,
    latency: z.strictObject({
      p50Microseconds: microseconds,
      p90Microseconds: microseconds,
      p99Microseconds: microseconds,
      buckets: z
        .array(z.strictObject({ upToMicroseconds: wholeNumber, inferences: wholeNumber }))
        .describe('Those that are not empty; each is 9 % wide'),
    }),
    days: z
      .array(z.strictObject({ day, pictures: wholeNumber, empty: wholeNumber, failed: wholeNumber }))
      .describe('UTC, oldest first'),
  })
  .meta({ id: 'Model' });

export const driftResponse = z
  .strictObject({
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
  })
  .meta({ id: 'Drift' });

/** RFC 9457. */
export const problemResponse = z
  .strictObject({ title: z.string(), status: z.int(), detail: z.string() })
  .meta({ id: 'Problem' });

export type ModelListResponse = z.infer<typeof modelListResponse>;
export type ModelResponse = z.infer<typeof modelResponse>;
export type DriftResponse = z.infer<typeof driftResponse>;
export type ProblemResponse = z.infer<typeof problemResponse>;
