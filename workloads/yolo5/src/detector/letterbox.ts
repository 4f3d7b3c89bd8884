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

/**
 * The model's input: channel after channel (RGB), rows of the square, 0 to 1.
 * @param pixels interleaved RGB, 8 bits, of the scaled picture
 */
export function toInput(pixels: Uint8Array, box: Letterbox, side: number): Float32Array {
  const plane = side * side;
  const input = new Float32Array(3 * plane).fill(paddingLevel / 255);
  for (let y = 0; y < box.height; y += 1) {
    let from = y * box.width * 3;
    let to = (y + box.top) * side + box.left;
    for (const end = to + box.width; to < end; to += 1, from += 3) {
      input[to] = pixels[from]! / 255;
      input[to + plane] = pixels[from + 1]! / 255;
      input[to + 2 * plane] = pixels[from + 2]! / 255;
    }
  }
  return input;
}
