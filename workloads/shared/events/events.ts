/**
 * The events on the bus `<cluster>-predictions`, and the two message shapes that its rules derive from them for the
 * consumers: metering gets no content of images, model-analyzer gets no user data. Senders check an event before they put
 * it, consumers check what they receive. Unknown fields are refused, so a rule that passes on too much fails at once. A
 * field is only ever added as optional, to the consumers first; any other change is a new `schemaVersion`.
 *
 * All numbers are integers, so that sums are exact in any order.
 *
 * Sample detail of a PredictionCompleted:
 *   {"schemaVersion":1,"eventId":"9f2c...","occurredAt":"2026-11-22T10:00:00.000Z","user":{"id":"42"},
 *    "picture":{"bytes":81234,"width":1280,"height":720},"model":{"name":"yolov5n","version":"v7.0","sha256":"04f0..."},
 *    "inferenceMicroseconds":48211,"detections":[{"label":"dog","confidencePermille":871}]}
 */
import { z } from 'zod';
import { modelSchema, rejectionReasons } from '../contracts/messages.ts';

const schemaVersion = z.literal(1);
/** Derived from the job or command that caused the event, so that consumers recognize duplicates. */
const eventId = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits');
/** When the user asked, UTC. So /forget also covers a picture that was sent before it and processed after it. */
const occurredAt = z.iso.datetime();
/** Telegram's id of the user, as text because it may need more than 32 bits. */
const userId = z.string().regex(/^\d{1,20}$/, 'must be the digits of a Telegram user id');
const bytes = z.int().nonnegative();
const inferenceMicroseconds = z.int().nonnegative();
const reason = z.enum(rejectionReasons);
const pixels = z.int().positive();
const detections = z.array(z.strictObject({ label: z.string().min(1), confidencePermille: z.int().min(0).max(1000) }));
const model = z.strictObject(modelSchema.shape);

const base = { schemaVersion, eventId, occurredAt };
const user = z.strictObject({ id: userId });

/** Event type (the bus calls it detail-type) -> schema of its detail. */
export const eventSchemas = {
  PredictionCompleted: z.strictObject({
    ...base,
    user,
    picture: z.strictObject({ bytes, width: pixels, height: pixels }),
    model,
    inferenceMicroseconds,
    detections,
  }),
  /** The detector did not run; `bytes` is 0 when the picture was missing. */
  PredictionFailed: z.strictObject({ ...base, user, picture: z.strictObject({ bytes }), model, reason }),
  /** Everything that is stored about the user up to `occurredAt` must be deleted. */
  UserForgotten: z.strictObject({ ...base, user }),
} as const;

export const eventTypes = ['PredictionCompleted', 'PredictionFailed', 'UserForgotten'] as const;
export type EventType = (typeof eventTypes)[number];
export type EventDetail<Type extends EventType> = z.infer<(typeof eventSchemas)[Type]>;

/** Messages of queue `<cluster>-metering`: usage by user. */
export const meteringEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('PredictionCompleted'), ...base, userId, bytes, inferenceMicroseconds }),
  z.strictObject({ type: z.literal('PredictionFailed'), ...base, userId, bytes, reason }),
  z.strictObject({ type: z.literal('UserForgotten'), ...base, userId }),
]);

/** Messages of queue `<cluster>-model-analyzer`: detections by model. */
export const analysisEvent = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('PredictionCompleted'), ...base, model, inferenceMicroseconds, detections }),
  z.strictObject({ type: z.literal('PredictionFailed'), ...base, model, reason }),
]);

export type MeteringEvent = z.infer<typeof meteringEvent>;
export type AnalysisEvent = z.infer<typeof analysisEvent>;
