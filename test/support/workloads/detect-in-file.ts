import { decodeForModel } from '#workloads/yolo5/src/decoder/decode-for-model.ts';
import { type DetectionResult, detect } from '#workloads/yolo5/src/detector/detector.ts';
import type { Model } from '#workloads/yolo5/src/detector/model.ts';

export interface FileDetectionResult extends DetectionResult {
  readonly image: { readonly width: number; readonly height: number };
}

/** Decodes in this process, then detects. @throws UnreadableImageError */
export async function detectInFile(model: Model, bytes: Uint8Array): Promise<FileDetectionResult> {
  const image = await decodeForModel(bytes, model.side);
  const { width, height } = image;
  return { ...(await detect(model, image)), image: { width, height } };
}
