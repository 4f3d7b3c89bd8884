import type { Box } from '@stepkube/shared/contracts/messages.ts';

/** In pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Places a box's label within the image: above the box, inside its top edge, below it, or inside its bottom edge, whichever
 * is the first that overlaps no earlier label; inside the top edge when all of them do.
 */
export function placeLabel(box: Box, label: Size, image: Size, taken: readonly Rectangle[]): Rectangle {
  const x = clamp(box.x1, image.width - label.width);
  const inside = clamp(box.y1, image.height - label.height);
  const rows = [box.y1 - label.height, inside, box.y2, box.y2 - label.height];
  for (const y of rows) {
    const candidate = { ...label, x, y };
    const fits = y >= 0 && y + label.height <= image.height;
    if (fits && !taken.some((other) => overlaps(candidate, other))) return candidate;
  }
  return { ...label, x, y: inside };
}

const clamp = (value: number, max: number) => Math.max(0, Math.min(value, max));

function overlaps(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
