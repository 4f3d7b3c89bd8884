/**
 * The messages between polybot and yolo5. Both sides check what they send and what they receive. A field is only ever added
 * as optional; any other change is a new `version`.
 *
 * Sample job:
 *   {"version":1,"jobId":"9f2c...","pictureKey":"uploads/9f2c...","replyTo":{"chatId":42,"messageId":7},
 *    "userId":"42","requestedAt":"2026-11-22T10:00:00.000Z"}
 */
import { z } from 'zod';

const jobId = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits');
const replyTo = z.strictObject({ chatId: z.int(), messageId: z.int().positive() });

/** Queue `jobs`: polybot -> yolo5. */
export const jobSchema = z.object({
  version: z.literal(1),
  jobId,
  /** Key in the pictures bucket. */
  pictureKey: z.string().startsWith('uploads/'),
  /** yolo5 copies it into the result, so polybot needs no table of its open jobs. */
  replyTo,
  /** Telegram's id of the sender: yolo5 puts it into the events only, never into the result. */
  userId: z.string().regex(/^\d{1,20}$/, 'must be the digits of a Telegram user id'),
  /** When the message was sent by Telegram's clock: the same for every delivery of the job. */
  requestedAt: z.iso.datetime(),
});

/** Corners in pixels of the upright image, x1 < x2, y1 < y2. */
export const boxSchema = z.object({ x1: z.number(), y1: z.number(), x2: z.number(), y2: z.number() });

export const detectionSchema = z.object({
  label: z.string(),
  /** 0 to 1. */
  confidence: z.number().min(0).max(1),
  box: boxSchema,
});

export const modelSchema = z.object({
  name: z.string(),
  version: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal digits'),
});

/**
 * The most confident objects of an image that are reported. What an image adds to a day's sums fits into one DynamoDB expression of 4 KB
 * with as many different counters.
 */
export const maxObjects = 300;

/** Why the detector did not run on an image. */
export const rejectionReasons = ['empty', 'not-a-picture', 'damaged', 'too-large', 'missing'] as const;

const resultBase = {
  version: z.literal(1),
  jobId,
  replyTo,
  requestedAt: z.iso.datetime(),
  completedAt: z.iso.datetime(),
  model: modelSchema,
};

/** Queue `results`: yolo5 -> polybot. */
export const resultSchema = z.discriminatedUnion('status', [
  z.object({
    ...resultBase,
    status: z.literal('completed'),
    /** Key in the pictures bucket. */
    annotatedKey: z.string().startsWith('annotated/'),
    /** Size of the upright image in pixels. */
    picture: z.object({ width: z.int().positive(), height: z.int().positive() }),
    /** Highest confidence first. */
    detections: z.array(detectionSchema),
    /** Time in the model alone. */
    inferenceMilliseconds: z.number().nonnegative(),
  }),
  z.object({
    ...resultBase,
    status: z.literal('rejected'),
    reason: z.enum(rejectionReasons),
    /** The file's format when it is known and cannot be read. */
    format: z.literal('heic').optional(),
  }),
  /** Moved to the dead letters after the last attempt; the image is not the cause. */
  z.object({ ...resultBase, status: z.literal('failed') }),
]);

export type Job = z.infer<typeof jobSchema>;
export type Result = z.infer<typeof resultSchema>;
export type Detection = z.infer<typeof detectionSchema>;
export type Box = z.infer<typeof boxSchema>;
export type ModelIdentity = z.infer<typeof modelSchema>;
export type RejectionReason = (typeof rejectionReasons)[number];

export const uploadKeyOf = (jobId: string) => `uploads/${jobId}`;
export const annotatedKeyOf = (jobId: string) => `annotated/${jobId}.jpg`;
