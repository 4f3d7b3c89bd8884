import { describe, expect, it } from 'vitest';
import { oneOf, wholeNumber } from '#cli/options.ts';

describe('oneOf', () => {
  it('takes what is allowed and names what is not', () => {
    expect(oneOf('--model', 'demo', ['auto', 'demo'])).toBe('demo');
    expect(() => oneOf('--model', 'best', ['auto', 'demo'])).toThrow('--model best: must be one of auto, demo');
  });
});

describe('wholeNumber', () => {
  it.each(['0', '7', '65535'])('takes %s from 0 to 65535', (value) => {
    expect(wholeNumber('--port', value, 0, 65_535)).toBe(Number(value));
  });

  it.each(['', ' ', '-1', '1.5', '65536', 'http'])('refuses "%s" from 0 to 65535', (value) => {
    expect(() => wholeNumber('--port', value, 0, 65_535)).toThrow(
      `--port ${value}: must be a whole number from 0 to 65535`,
    );
  });

  it('needs no end', () => {
    expect(wholeNumber('--runs', '1000000', 1)).toBe(1_000_000);
    expect(() => wholeNumber('--runs', '0', 1)).toThrow('--runs 0: must be a whole number from 1 up');
  });
});
