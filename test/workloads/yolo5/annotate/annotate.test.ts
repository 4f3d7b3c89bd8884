import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { red } from '#support/workloads/images.ts';
import { annotate, drawOverlay } from '#workloads/yolo5/src/annotate/annotate.ts';
import { placeLabel } from '#workloads/yolo5/src/annotate/label-placement.ts';
import { textPath, textWidth } from '#workloads/yolo5/src/annotate/text.ts';
import { openImage } from '#workloads/yolo5/src/image/image.ts';

const person = { label: 'person', confidence: 0.9, box: { x1: 10, y1: 20, x2: 60, y2: 80 } };

describe('annotate', () => {
  it.each([
    { name: 'keeps the size of a usual image', size: [800, 600], shown: [800, 600] },
    { name: 'enlarges a tiny image so that labels are readable', size: [32, 16], shown: [640, 320] },
    { name: 'reduces a huge image', size: [4096, 1024], shown: [2048, 512] },
  ])('annotate $name', async ({ size: [width, height], shown }) => {
    const image = await openImage(await red(width!, height!).jpeg().toBuffer());
    const result = await sharp(await annotate(image, [person])).metadata();
    expect([result.format, result.width, result.height]).toEqual(['jpeg', ...shown]);
  });

  it('annotate draws the frame of the box and leaves the other pixels unchanged', async () => {
    const image = await openImage(await red(800, 600).png().toBuffer());
    const box = { x1: 200, y1: 200, x2: 600, y2: 500 };
    const { data, info } = await sharp(await annotate(image, [{ ...person, box }]))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3)];
    expect(at(400, 350)[0]).toBeGreaterThan(240);
    expect(at(400, 201)[0]).toBeLessThan(200);
    expect(at(100, 100)[0]).toBeGreaterThan(240);
  });
});

describe('drawOverlay', () => {
  it('drawOverlay draws every letter as an outline, so that no font is needed', () => {
    const overlay = drawOverlay([person], { width: 100, height: 100, scale: 1 });
    expect(overlay).not.toContain('<text');
    expect(overlay.match(/<path /g)).toHaveLength('person 90%'.length);
  });

  it('drawOverlay never interprets labels as markup', () => {
    const overlay = drawOverlay([{ ...person, label: '<script>&"日' }], { width: 100, height: 100, scale: 1 });
    expect(overlay).not.toMatch(/script|&|日/);
  });
});

describe('text', () => {
  it('textWidth grows with the size and with the letters', () => {
    expect(textWidth('ii', 10)).toBeLessThan(textWidth('mm', 10));
    expect(textWidth('mm', 20)).toBeCloseTo(2 * textWidth('mm', 10));
  });

  it('textPath draws ? for an unknown letter', () => {
    const options = { x: 0, baseline: 0, size: 10, fill: '#fff' };
    expect(textPath('日', options)).toBe(textPath('?', options));
  });
});

describe('placeLabel', () => {
  const image = { width: 100, height: 100 };
  const label = { width: 40, height: 10 };

  it('placeLabel places a label above its box and moves it left to stay within the image', () => {
    expect(placeLabel({ x1: 80, y1: 50, x2: 100, y2: 90 }, label, image, [])).toEqual({ x: 60, y: 40, ...label });
  });

  it('placeLabel places the label of a box at the top edge inside of the box', () => {
    expect(placeLabel({ x1: 5, y1: 2, x2: 90, y2: 90 }, label, image, [])).toEqual({ x: 5, y: 2, ...label });
  });

  it('placeLabel does not cover another label', () => {
    const taken = [{ x: 0, y: 40, ...label }];
    expect(placeLabel({ x1: 5, y1: 50, x2: 60, y2: 90 }, label, image, taken)).toEqual({ x: 5, y: 50, ...label });
  });
});
