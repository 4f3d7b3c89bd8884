import { type Detection, rejectionReasons } from '@stepkube/shared/contracts/messages.ts';
import { describe, expect, it } from 'vitest';
import { captionOf, rejectionText } from '#workloads/polybot/src/wording.ts';

const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
const seen = (...labels: readonly string[]): Detection[] =>
  labels.map((label, index) => ({ label, confidence: 0.9 - index / 10_000, box }));
const summary = (...labels: readonly string[]) => captionOf(seen(...labels)).split('\n')[0];

describe('captionOf', () => {
  it("polybot's caption counts the objects and lists each with its confidence", () => {
    const detections = [
      { label: 'person', confidence: 0.823, box },
      { label: 'person', confidence: 0.81, box },
      { label: 'bus', confidence: 0.594, box },
      { label: 'person', confidence: 0.4, box },
    ];
    expect(captionOf(detections)).toBe('3 persons, 1 bus\n\nperson 82 %\nperson 81 %\nbus 59 %\nperson 40 %');
  });

  it.each([
    ['bus', '2 buses'],
    ['wine glass', '2 wine glasses'],
    ['toothbrush', '2 toothbrushes'],
    ['sandwich', '2 sandwiches'],
    ['box', '2 boxes'],
    ['sheep', '2 sheep'],
    ['mouse', '2 mice'],
    ['knife', '2 knives'],
    ['scissors', '2 scissors'],
    ['giraffe', '2 giraffes'],
  ])("polybot's caption of two objects with label %s says %s", (label, text) => {
    expect(summary(label, label)).toBe(text);
  });

  it("polybot's caption without detections says that there are no objects", () => {
    expect(captionOf([])).toBe('I see no objects that I know in this picture.');
  });

  it("polybot's caption of 300 objects is cut to 1024 characters and says how many are left out", () => {
    const caption = captionOf(seen(...Array<string>(300).fill('traffic light')));
    expect(caption.length).toBeLessThanOrEqual(1024);
    expect(caption).toMatch(/^300 traffic lights\n/);
    expect(caption).toMatch(/\nand 2\d\d more$/);
  });

  it("polybot's caption of 400 different labels is cut to 1024 characters", () => {
    const caption = captionOf(seen(...Array.from({ length: 400 }, (_, index) => `thing number ${index}`)));
    expect(caption.length).toBeLessThanOrEqual(1024);
  });
});

describe('rejectionText', () => {
  it('a HEIC file is named in its rejection, with what to do', () => {
    expect(rejectionText({ reason: 'not-a-picture', format: 'heic' })).toMatch(/HEIC.*as a photo/);
  });

  it('in polybot every rejection reason has its own text', () => {
    expect(new Set(rejectionReasons.map((reason) => rejectionText({ reason }))).size).toBe(rejectionReasons.length);
  });
});
