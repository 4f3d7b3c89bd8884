/** How a picture lies in the model's square: `scale` from picture to square, then shifted by `left` and `top`. */
export interface Letterbox {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  /** Size of the scaled picture within the square, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** The grey around the picture, 0 to 255, as YOLOv5 was trained with. */
export const paddingLevel = 114;

/** Fits a picture into a square of `side` pixels, centred. */
export function letterboxOf(picture: { readonly width: number; readonly height: number }, side: number): Letterbox {
  const scale = Math.min(side / picture.width, side / picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  // An odd rest: the smaller half goes to the left and the top.
  return { scale, left: Math.floor((side - width) / 2), top: Math.floor((side - height) / 2), width, height };
}
