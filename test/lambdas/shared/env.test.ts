import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json, readEnvironment, seconds, text } from '#lambdas/shared/env.ts';

const shape = { TABLE: text, AFTER_SECONDS: seconds, SETTINGS: json(z.object({ workers: z.int() })) };

describe('readEnvironment', () => {
  it('readEnvironment returns typed values', () => {
    const source = { TABLE: 'commands', AFTER_SECONDS: '1.5', SETTINGS: '{"workers":2}', OTHER: 'x' };
    expect(readEnvironment(shape, source)).toEqual({ TABLE: 'commands', AFTER_SECONDS: 1.5, SETTINGS: { workers: 2 } });
  });

  it.each([
    [{}, /TABLE: is not set; AFTER_SECONDS: is not set; SETTINGS: is not set/],
    [{ TABLE: '', AFTER_SECONDS: '1', SETTINGS: '{"workers":2}' }, /TABLE: /],
    [{ TABLE: 'x', AFTER_SECONDS: 'soon', SETTINGS: '{"workers":2}' }, /AFTER_SECONDS: /],
    [{ TABLE: 'x', AFTER_SECONDS: '1', SETTINGS: 'planted {' }, /SETTINGS: must be JSON/],
    [{ TABLE: 'x', AFTER_SECONDS: '1', SETTINGS: '{"workers":"planted"}' }, /SETTINGS at workers: /],
  ])('readEnvironment names the wrong variables of %j, never a value', (source, message) => {
    expect(() => readEnvironment(shape, source)).toThrow(message);
    expect(() => readEnvironment(shape, source)).not.toThrow(/planted/);
  });
});
