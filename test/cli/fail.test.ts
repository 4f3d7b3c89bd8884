import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FailedError, InterruptedError, UsageError } from '#cli/errors.ts';
import { fail } from '#cli/fail.ts';
import { InvalidConfigError } from '#infra/config.ts';

let printed: string[];
beforeEach(() => {
  printed = [];
  vi.stubEnv('NO_COLOR', '1');
  vi.stubEnv('STEPKUBE_DEBUG', undefined);
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line));
});
afterEach(() => {
  process.exitCode = undefined;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('fail', () => {
  it.each([
    ['any error', new Error('no space left'), 1, ['✖ no space left']],
    ['wrong usage', new UsageError('--port x: must be a number'), 2, ['✖ --port x: must be a number']],
    ['an invalid configuration', new InvalidConfigError('region: missing'), 2, ['✖ region: missing']],
    ['an error with a next step', new FailedError('not deployed', 'Deploy it.'), 1, ['✖ not deployed\nDeploy it.']],
    ['Ctrl-C', new InterruptedError('SIGINT'), 130, []],
    ['SIGTERM', new InterruptedError('SIGTERM'), 143, []],
    [
      'a defect',
      new TypeError('x is undefined'),
      1,
      ['✖ TypeError: x is undefined; --debug (or STEPKUBE_DEBUG=1) shows where'],
    ],
    ['what is no error at all', 'gone', 1, ['✖ gone']],
  ])('fail prints %s without a stack and sets the exit code', (_what, error, exitCode, lines) => {
    fail(error);
    expect(printed).toEqual(lines);
    expect(process.exitCode).toBe(exitCode);
  });

  it('fail adds the stack and the causes when STEPKUBE_DEBUG is set', () => {
    vi.stubEnv('STEPKUBE_DEBUG', '1');
    fail(new Error('not written', { cause: new Error('no space left') }));
    expect(printed[0]).toBe('✖ not written');
    expect(printed[1]).toMatch(/^Error: not written\n +at [\s\S]*\[cause\]: Error: no space left\n/);
  });
});
