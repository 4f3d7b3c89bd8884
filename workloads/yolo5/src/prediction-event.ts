import type { Job, Result } from '@stepkube/shared/contracts/contracts.ts';
import type { PublishEvent } from '@stepkube/shared/events/event-publisher.ts';

/** What a job came to: the result for polybot, and what only the event tells. */
export interface Prediction {
  readonly result: Exclude<Result, { status: 'failed' }>;
  /** Size of the picture as it was sent; 0 when it was missing. */
  readonly pictureBytes: number;
}

/**
 * Tells the bus what a job came to. Its time is when the user asked and its id is the job's, so a job that is handled
 * twice tells of the same event twice, and consumers count the first.
 */
export function publishPrediction(
  publish: PublishEvent,
  { jobId, userId, requestedAt }: Job,
  { result, pictureBytes }: Prediction,
  signal: AbortSignal,
): Promise<void> {
  const { model } = result;
  const base = { schemaVersion: 1 as const, eventId: jobId, occurredAt: requestedAt, user: { id: userId }, model };
  if (result.status === 'rejected') {
    const { reason } = result;
    return publish('PredictionFailed', { ...base, picture: { bytes: pictureBytes }, reason }, signal);
  }
  const detail = {
    ...base,
    picture: { bytes: pictureBytes, ...result.picture },
    inferenceMicroseconds: Math.round(result.inferenceMilliseconds * 1000),
    detections: result.detections.map(({ label, confidence }) => ({
      label,
      confidencePermille: Math.round(confidence * 1000),
    })),
  };
  return publish('PredictionCompleted', detail, signal);
}
