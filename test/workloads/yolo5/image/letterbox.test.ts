import { describe, expect, it } from 'vitest';
import { toImageBox } from '#workloads/yolo5/src/detector/detector.ts';
import { letterboxOf } from '#workloads/yolo5/src/image/letterbox.ts';

describe('letterboxOf', () => {
  it.each([
    { size: '810x1080', box: { scale: 640 / 1080, left: 80, top: 0, width: 480, height: 640 } },
    { size: '1280x720', box: { scale: 0.5, left: 0, top: 140, width: 640, height: 360 } },
    { size: '100x100', box: { scale: 6.4, left: 0, top: 0, width: 640, height: 640 } },
    // 161 rows of padding: 80 above and 81 below.
    { size: '640x479', box: { scale: 1, left: 0, top: 80, width: 640, height: 479 } },
    { size: '10000x1', box: { scale: 0.064, left: 0, top: 319, width: 640, height: 1 } },
  ])('letterboxOf fits $size into a square of 640', ({ size, box }) => {
    const [width, height] = size.split('x').map(Number) as [number, number];
    expect(letterboxOf({ width, height }, 640)).toEqual(box);
  });
});

describe('toImageBox', () => {
  const image = { width: 1280, height: 720 };
  const box = letterboxOf(image, 640);

  it('toImageBox reverses scale and padding', () => {
    expect(toImageBox({ x1: 100, y1: 150, x2: 200, y2: 300 }, box, image)).toEqual({
      x1: 200,
      y1: 20,
      x2: 400,
      y2: 320,
    });
  });

  it('toImageBox clips boxes to the image', () => {
    expect(toImageBox({ x1: -5, y1: 0, x2: 700, y2: 640 }, box, image)).toEqual({ x1: 0, y1: 0, x2: 1280, y2: 720 });
  });
});
