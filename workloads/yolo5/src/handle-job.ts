import { annotatedKeyOf, type Job, type RejectionReason } from '@stepkube/shared/contracts/messages.ts';
import { PermanentError } from '@stepkube/shared/queue/permanent-error.ts';
import { ImageNotFoundError, type ImageStore } from '@stepkube/shared/service/image-store.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Semaphore } from '@stepkube/shared/service/semaphore.ts';
import type { DecodedImage } from './decoder/decode-for-model.ts';
import { DecoderLostError } from './decoder/image-decoder.ts';
import { detect } from './detector/detector.ts';
import type { Model } from './detector/model.ts';
import { UnreadableImageError } from './image/unreadable-image-error.ts';
import type { Prediction } from './prediction-event.ts';

export interface HandleJobDependencies {
  readonly model: Model;
  readonly images: Pick<ImageStore, 'get' | 'put'>;
  readonly decoder: { decode(bytes: Uint8Array, side: number): Promise<DecodedImage> };
  /** Limits how many images are decoded in memory at the same time: the decoder takes one. */
  readonly semaphore: Semaphore;
  readonly log: Log;
}

/**
 * From a job to its result; the annotated image is stored before this resolves. Idempotent: repeating a job writes the same
 * image to the same key. An image that cannot be processed gives a result with status `rejected`.
 * @throws PermanentError when no attempt can succeed although the cause may not be the image
 */
export async function handleJob(
  job: Job,
  { model, images, decoder, semaphore, log }: HandleJobDependencies,
  signal: AbortSignal,
): Promise<Prediction> {
  const { version, jobId, replyTo, requestedAt } = job;
  const subject = { version, jobId, replyTo, requestedAt, model: model.identity };
  let imageBytes = 0;
  try {
    const bytes = await images.get(job.pictureKey, signal);
    imageBytes = bytes.length;
    log.debug({ jobId, imageBytes }, 'picture fetched');
    const look = async () => {
      signal.throwIfAborted();
      const image = await decoder.decode(bytes, model.side);
      const { width, height } = image;
      const detection = await detect(model, image);
      signal.throwIfAborted();
      return { ...detection, picture: { width, height }, annotated: await image.annotate(detection.detections) };
    };
    const { picture, detections, inferenceMilliseconds, annotated } = await semaphore.run(() => twice(look));
    const annotatedKey = annotatedKeyOf(jobId);
    await images.put(annotatedKey, annotated, 'image/jpeg', signal);
    const result = {
      ...subject,
      status: 'completed' as const,
      annotatedKey,
      picture,
      detections: [...detections],
      inferenceMilliseconds,
      completedAt: new Date().toISOString(),
    };
    return { result, imageBytes };
  } catch (error) {
    const rejection = rejectionOf(error);
    if (rejection === undefined) throw error;
    const result = { ...subject, status: 'rejected' as const, ...rejection, completedAt: new Date().toISOString() };
    return { result, imageBytes };
  }
}

/** An image that ended the decoding process twice would do so again and again: it is given up. @throws PermanentError */
async function twice<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DecoderLostError)) throw error;
  }
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DecoderLostError)) throw error;
    throw new PermanentError('the image ended the decoding process twice', { cause: error });
  }
}

function rejectionOf(error: unknown): { reason: RejectionReason; format?: 'heic' } | undefined {
  if (error instanceof UnreadableImageError)
    return { reason: error.reason, ...(error.format !== undefined && { format: error.format }) };
  if (error instanceof ImageNotFoundError) return { reason: 'missing' };
  return undefined;
}
