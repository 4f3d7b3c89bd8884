import type { Detection } from '@stepkube/shared/contracts/messages.ts';
import type { DecodableImage } from '../image/image.ts';
import { placeLabel, type Rectangle } from './label-placement.ts';
import { colorOf } from './palette.ts';
import { textPath, textWidth } from './text.ts';

/** Limits of the annotated image's longer side in pixels: labels are unreadable on tiny images. */
const minLength = 640;
const maxLength = 2048;
const jpegQuality = 88;

/** The upright image as JPEG with a box and a label for each detection. @throws UnreadableImageError */
export async function annotate(image: DecodableImage, detections: readonly Detection[]): Promise<Buffer> {
  const length = Math.max(image.width, image.height);
  const scale = Math.min(maxLength, Math.max(minLength, length)) / length;
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const overlay = Buffer.from(drawOverlay(detections, { width, height, scale }));
  return image.decode((upright) =>
    upright
      .resize(width, height, { fit: 'fill' })
      .composite([{ input: overlay }])
      .jpeg({ quality: jpegQuality, mozjpeg: false }),
  );
}

interface Canvas {
  readonly width: number;
  readonly height: number;
  /** From image pixels to canvas pixels. */
  readonly scale: number;
}

/** An SVG of the canvas's size. All boxes are drawn before the labels, so that no box crosses a label. */
export function drawOverlay(detections: readonly Detection[], { width, height, scale }: Canvas): string {
  const length = Math.max(width, height);
  const line = Math.max(2, length / 320);
  const size = Math.min(34, Math.max(15, length / 48));
  const boxes: string[] = [];
  const labels: string[] = [];
  const taken: Rectangle[] = [];
  for (const { label, confidence, box } of detections) {
    const color = colorOf(label);
    const scaled = { x1: box.x1 * scale, y1: box.y1 * scale, x2: box.x2 * scale, y2: box.y2 * scale };
    const frame = frameOf(scaled, line);
    // A dark edge keeps the box visible on a background of its own color. The most confident box is drawn last, on top.
    boxes.unshift(
      `<rect ${frame} fill="none" stroke="#000" stroke-opacity="0.45" stroke-width="${line * 1.8}"/>`,
      `<rect ${frame} fill="none" stroke="${color}" stroke-width="${line}"/>`,
    );
    const text = `${label} ${Math.round(confidence * 100)}%`;
    const fitted = Math.min(size, (size * (width - size)) / textWidth(text, size));
    const chip = { width: textWidth(text, fitted) + fitted * 0.8, height: fitted * 1.45 };
    const place = placeLabel(scaled, chip, { width, height }, taken);
    taken.push(place);
    labels.push(
      `<rect x="${place.x}" y="${place.y}" width="${chip.width}" height="${chip.height}" rx="${fitted / 5}" fill="${color}"/>`,
      textPath(text, { x: place.x + fitted * 0.4, baseline: place.y + fitted * 1.07, size: fitted, fill: '#fff' }),
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${boxes.join('')}${labels.join('')}</svg>`;
}

/** Moves the stroke inside of the box, so that it is not cut off at the edge of the image. */
function frameOf(box: Detection['box'], line: number): string {
  const [width, height] = [Math.max(1, box.x2 - box.x1 - line), Math.max(1, box.y2 - box.y1 - line)];
  return `x="${box.x1 + line / 2}" y="${box.y1 + line / 2}" width="${width}" height="${height}" rx="${line}"`;
}
