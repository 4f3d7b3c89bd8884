import type { Detection } from '@stepkube/shared/contracts/contracts.ts';
import { decoding, type Picture } from '../detector/picture.ts';
import { type Place, placeLabel } from './label-places.ts';
import { colourOf } from './palette.ts';
import { textPath, textWidth } from './text.ts';

/** Large pictures are shown smaller; on tiny ones no label could be read. Longest side in pixels. */
const longestSide = { least: 640, most: 2048 } as const;
const jpegQuality = 88;

/** The upright picture as JPEG with a box and a label for each detection. @throws UnreadablePictureError */
export async function annotate(picture: Picture, detections: readonly Detection[]): Promise<Buffer> {
  const longest = Math.max(picture.width, picture.height);
  const scale = Math.min(longestSide.most, Math.max(longestSide.least, longest)) / longest;
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const overlay = Buffer.from(drawOverlay(detections, { width, height, scale }));
  return decoding(
    picture
      .decode()
      .resize(width, height, { fit: 'fill' })
      .composite([{ input: overlay }])
      .jpeg({ quality: jpegQuality, mozjpeg: false })
      .toBuffer(),
  );
}

interface Canvas {
  readonly width: number;
  readonly height: number;
  /** From picture pixels to canvas pixels. */
  readonly scale: number;
}

/** An SVG of the canvas's size: all boxes first, so that no box crosses a label. */
export function drawOverlay(detections: readonly Detection[], { width, height, scale }: Canvas): string {
  const longest = Math.max(width, height);
  const line = Math.max(2, longest / 320);
  const size = Math.min(34, Math.max(15, longest / 48));
  const boxes: string[] = [];
  const labels: string[] = [];
  const taken: Place[] = [];
  for (const { label, confidence, box } of detections) {
    const colour = colourOf(label);
    const scaled = { x1: box.x1 * scale, y1: box.y1 * scale, x2: box.x2 * scale, y2: box.y2 * scale };
    const frame = frameOf(scaled, line);
    // The dark edge keeps the box visible on a background of its own colour. The surest box is drawn last, on top.
    boxes.unshift(
      `<rect ${frame} fill="none" stroke="#000" stroke-opacity="0.45" stroke-width="${line * 1.8}"/>`,
      `<rect ${frame} fill="none" stroke="${colour}" stroke-width="${line}"/>`,
    );
    const text = `${label} ${Math.round(confidence * 100)}%`;
    const fitted = Math.min(size, (size * (width - size)) / textWidth(text, size));
    const chip = { width: textWidth(text, fitted) + fitted * 0.8, height: fitted * 1.45 };
    const place = placeLabel(scaled, chip, { width, height }, taken);
    taken.push(place);
    labels.push(
      `<rect x="${place.x}" y="${place.y}" width="${chip.width}" height="${chip.height}" rx="${fitted / 5}" fill="${colour}"/>`,
      textPath(text, { x: place.x + fitted * 0.4, baseline: place.y + fitted * 1.07, size: fitted, fill: '#fff' }),
    );
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${boxes.join('')}${labels.join('')}</svg>`;
}

/** The stroke lies inside of the box, so that a box along the picture's edge is not cut. */
function frameOf(box: Detection['box'], line: number): string {
  const [width, height] = [Math.max(1, box.x2 - box.x1 - line), Math.max(1, box.y2 - box.y1 - line)];
  return `x="${box.x1 + line / 2}" y="${box.y1 + line / 2}" width="${width}" height="${height}" rx="${line}"`;
}
