/** Position of an image within the model's square: scaled by `scale`, then shifted by `left` and `top` pixels. */
export interface Letterbox {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  /** Size of the scaled image within the square, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** The gray level of the padding, 0 to 255, with which YOLOv5 was trained. */
export const paddingLevel = 114;

/** Fits an image into a square of `side` pixels, centered. */
export function letterboxOf(image: { readonly width: number; readonly height: number }, side: number): Letterbox {
  const scale = Math.min(side / image.width, side / image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  // The smaller half of an odd remainder goes to the left and to the top.
  return { scale, left: Math.floor((side - width) / 2), top: Math.floor((side - height) / 2), width, height };
}
