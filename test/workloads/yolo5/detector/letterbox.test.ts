import { describe, expect, it } from 'vitest';
import { toPicture } from '#workloads/yolo5/src/detector/detector.ts';
import { letterboxOf } from '#workloads/yolo5/src/detector/letterbox.ts';

describe('letterboxOf', () => {
  it.each([
    { picture: '810x1080', box: { scale: 640 / 1080, left: 80, top: 0, width: 480, height: 640 } },
    { picture: '1280x720', box: { scale: 0.5, left: 0, top: 140, width: 640, height: 360 } },
    { picture: '100x100', box: { scale: 6.4, left: 0, top: 0, width: 640, height: 640 } },
    // 640 x 479: an odd rest of 161 rows is 80 above and 81 below.
    { picture: '640x479', box: { scale: 1, left: 0, top: 80, width: 640, height: 479 } },
    { picture: '10000x1', box: { scale: 0.064, left: 0, top: 319, width: 640, height: 1 } },
  ])('fits $picture into 640', ({ picture, box }) => {
    const [width, height] = picture.split('x').map(Number) as [number, number];
    expect(letterboxOf({ width, height }, 640)).toEqual(box);
  });
});

describe('toPicture', () => {
  const picture = { width: 1280, height: 720 };
  const box = letterboxOf(picture, 640);

  it('undoes scale and padding', () => {
    expect(toPicture({ x1: 100, y1: 150, x2: 200, y2: 300 }, box, picture)).toEqual({
      x1: 200,
      y1: 20,
      x2: 400,
      y2: 320,
    });
  });

  it('clips to the picture', () => {
    expect(toPicture({ x1: -5, y1: 0, x2: 700, y2: 640 }, box, picture)).toEqual({ x1: 0, y1: 0, x2: 1280, y2: 720 });
  });
});
