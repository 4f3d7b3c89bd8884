import { annotatedKeyOf, type Job, type RejectionReason } from '@stepkube/shared/contracts/messages.ts';
import { ImageNotFoundError, type ImageStore } from '@stepkube/shared/service/image-store.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Semaphore } from '@stepkube/shared/service/semaphore.ts';
import { annotate } from './annotate/annotate.ts';
import { detect } from './detector/detector.ts';
import { UnreadableImageError } from './detector/image.ts';
import type { Model } from './detector/model.ts';
import type { Prediction } from './prediction-event.ts';

export interface HandleJobDependencies {
  readonly model: Model;
  readonly images: Pick<ImageStore, 'get' | 'put'>;
  /** Limits how many images are decoded in memory at the same time. */
  readonly semaphore: Semaphore;
  readonly log: Log;
}

/**
 * From a job to its result; the annotated image is stored before this resolves. Idempotent: repeating a job writes the same
 * image to the same key. An image that cannot be processed gives a result with status `rejected`.
 */
export async function handleJob(
  job: Job,
  { model, images, semaphore, log }: HandleJobDependencies,
  signal: AbortSignal,
): Promise<Prediction> {
  const { version, jobId, replyTo, requestedAt } = job;
  const subject = { version, jobId, replyTo, requestedAt, model: model.identity };
  let imageBytes = 0;
  try {
    const bytes = await images.get(job.pictureKey, signal);
    imageBytes = bytes.length;
    log.debug({ jobId, imageBytes }, 'picture fetched');
    const { image, detections, inferenceMilliseconds, annotated } = await semaphore.run(async () => {
      signal.throwIfAborted();
      const detection = await detect(model, bytes);
      signal.throwIfAborted();
      return { ...detection, annotated: await annotate(detection.image, detection.detections) };
    });
    const annotatedKey = annotatedKeyOf(jobId);
    await images.put(annotatedKey, annotated, 'image/jpeg', signal);
    const result = {
      ...subject,
      status: 'completed' as const,
      annotatedKey,
      picture: { width: image.width, height: image.height },
      detections: [...detections],
      inferenceMilliseconds,
      completedAt: new Date().toISOString(),
    };
    return { result, imageBytes };
  } catch (error) {
    const reason = rejectionOf(error);
    if (reason === undefined) throw error;
    const result = { ...subject, status: 'rejected' as const, reason, completedAt: new Date().toISOString() };
    return { result, imageBytes };
  }
}

function rejectionOf(error: unknown): RejectionReason | undefined {
  if (error instanceof UnreadableImageError) return error.reason;
  if (error instanceof ImageNotFoundError) return 'missing';
  return undefined;
}
