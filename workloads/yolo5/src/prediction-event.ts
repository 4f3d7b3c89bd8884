import type { Job, Result } from '@stepkube/shared/contracts/messages.ts';
import type { PublishEvent } from '@stepkube/shared/events/event-publisher.ts';

/** The outcome of a job: the result for polybot, and what only the event contains. */
export interface Prediction {
  readonly result: Exclude<Result, { status: 'failed' }>;
  /** Size of the image file as it was sent; 0 when it was missing. */
  readonly imageBytes: number;
}

/**
 * Publishes a job's outcome. The event's id and time are those of the job, so a job that is processed twice publishes the
 * same event twice, and consumers drop the second as a duplicate.
 */
export function publishPrediction(
  publish: PublishEvent,
  { jobId, userId, requestedAt }: Job,
  { result, imageBytes }: Prediction,
  signal: AbortSignal,
): Promise<void> {
  const { model } = result;
  const base = { schemaVersion: 1 as const, eventId: jobId, occurredAt: requestedAt, user: { id: userId }, model };
  if (result.status === 'rejected') {
    const { reason } = result;
    return publish('PredictionFailed', { ...base, picture: { bytes: imageBytes }, reason }, signal);
  }
  const detail = {
    ...base,
    picture: { bytes: imageBytes, ...result.picture },
    inferenceMicroseconds: Math.round(result.inferenceMilliseconds * 1000),
    detections: result.detections.map(({ label, confidence }) => ({
      label,
      confidencePermille: Math.round(confidence * 1000),
    })),
  };
  return publish('PredictionCompleted', detail, signal);
}
