import { annotatedKeyOf, type Job, type RejectionReason } from '@stepkube/shared/contracts/contracts.ts';
import { PictureMissingError, type Pictures } from '@stepkube/shared/contracts/pictures.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Turns } from '@stepkube/shared/service/semaphore.ts';
import { annotate } from './annotate/annotate.ts';
import { detect } from './detector/detector.ts';
import type { Model } from './detector/model.ts';
import { UnreadablePictureError } from './detector/picture.ts';
import type { Prediction } from './prediction-event.ts';

/**
 * From a job to its result; the annotated picture is stored before the result is returned. Repeating a job gives the
 * same picture under the same key. A picture that cannot be looked at is a result too.
 */
export async function handleJob(options: {
  readonly job: Job;
  readonly model: Model;
  readonly pictures: Pictures;
  /** Whose turn it is to have a picture's pixels in memory. */
  readonly turns: Turns;
  readonly log: Log;
  readonly signal: AbortSignal;
}): Promise<Prediction> {
  const { job, model, pictures, turns, log, signal } = options;
  const { version, jobId, replyTo, requestedAt } = job;
  const subject = { version, jobId, replyTo, requestedAt, model: model.identity };
  let pictureBytes = 0;
  try {
    const bytes = await pictures.get(job.pictureKey, signal);
    pictureBytes = bytes.length;
    log.debug({ jobId, pictureBytes }, 'picture fetched');
    const { picture, detections, inferenceMilliseconds, annotated } = await turns.take(async () => {
      signal.throwIfAborted();
      const prediction = await detect(model, bytes);
      signal.throwIfAborted();
      return { ...prediction, annotated: await annotate(prediction.picture, prediction.detections) };
    });
    const annotatedKey = annotatedKeyOf(jobId);
    await pictures.put(annotatedKey, annotated, 'image/jpeg', signal);
    const result = {
      ...subject,
      status: 'completed' as const,
      annotatedKey,
      picture: { width: picture.width, height: picture.height },
      detections: [...detections],
      inferenceMilliseconds,
      completedAt: new Date().toISOString(),
    };
    return { result, pictureBytes };
  } catch (error) {
    const reason = rejectionOf(error);
    if (reason === undefined) throw error;
    const result = { ...subject, status: 'rejected' as const, reason, completedAt: new Date().toISOString() };
    return { result, pictureBytes };
  }
}

function rejectionOf(error: unknown): RejectionReason | undefined {
  if (error instanceof UnreadablePictureError) return error.reason;
  if (error instanceof PictureMissingError) return 'missing';
  return undefined;
}
