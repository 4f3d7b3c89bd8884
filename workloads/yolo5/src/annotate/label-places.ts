import type { Box } from '@stepkube/shared/contracts/contracts.ts';

/** A rectangle in pixels. */
export interface Place {
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
 * Where a box's label goes: above the box, inside of its top, below it, or inside of its bottom; always within the
 * picture, and the first place that no earlier label has taken. The place inside of the top is taken when none is free.
 */
export function placeLabel(box: Box, label: Size, picture: Size, taken: readonly Place[]): Place {
  const x = clamp(box.x1, picture.width - label.width);
  const inside = clamp(box.y1, picture.height - label.height);
  const rows = [box.y1 - label.height, inside, box.y2, box.y2 - label.height];
  for (const y of rows) {
    const place = { ...label, x, y };
    const fits = y >= 0 && y + label.height <= picture.height;
    if (fits && !taken.some((other) => overlaps(place, other))) return place;
  }
  return { ...label, x, y: inside };
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(value, most));

function overlaps(one: Place, other: Place): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
