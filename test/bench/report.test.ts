import { describe, expect, it } from 'vitest';
import type { Finding } from './part.ts';
import { isMet, report } from './report.ts';

const finding = (ratio: number): Finding => ({
  what: 'bytes to detections',
  measured: '11 ms',
  baseline: 'session.run: 10 ms',
  ratio,
  target: 1.15,
});

describe('isMet', () => {
  it.each([
    { ratio: 1.1, met: true },
    { ratio: 1.15, met: true },
    { ratio: 1.1504, met: true }, // printed as 1.150
    { ratio: 1.151, met: false },
    { ratio: Number.NaN, met: false },
  ])('isMet for a ratio of $ratio and a target of 1.15 is $met', ({ ratio, met }) => {
    expect(isMet(finding(ratio))).toBe(met);
  });
});

describe('report', () => {
  it('the report aligns a row per finding with its target and verdict', () => {
    const [headings, rule, met, missed] = report([finding(1.1), finding(1.2)]).split('\n');
    expect(headings).toMatch(/^what +measured +baseline +ratio +target$/);
    expect(rule).toMatch(/^-+( +-+)+$/);
    expect(met).toBe('bytes to detections  11 ms     session.run: 10 ms  1.100  <= 1.15  met');
    expect(missed).toBe('bytes to detections  11 ms     session.run: 10 ms  1.200  <= 1.15  MISSED');
  });

  it('the report ends with the number of missed targets', () => {
    expect(report([finding(1.1)])).toMatch(/\n\nTargets met: 1 of 1\.$/);
    expect(report([finding(1.1), finding(1.2)])).toContain('\n\n1 of 2 targets MISSED.');
  });

  it('the report gives no verdict for a ratio without a target', () => {
    const text = report([finding(1.1), { ...finding(9), target: undefined }]);
    expect(text).toContain('9.000  none');
    expect(text).toMatch(/Targets met: 1 of 1\.$/);
  });
});
