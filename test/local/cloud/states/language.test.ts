import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMachine, named, stubFunctions } from '#support/state-machines.ts';
import { createStatesCloud, onlyState, type StatesCloud, taskState } from '#support/states-cloud.ts';

let machines: StatesCloud;
let count = 0;
beforeAll(async () => {
  machines = await createStatesCloud();
});
afterAll(() => machines[Symbol.asyncDispose]());

const run = async (states: object, input: object = {}) => {
  count += 1;
  return machines.run(await createMachine(machines.cloud, `language-${count}`, states), input);
};
const evaluated = async (expression: string, input: object) => {
  const Parameters = { 'text.$': expression };
  return (await run(onlyState({ Type: 'Pass', Parameters, End: true }), input)).output.text;
};

describe('intrinsic functions', () => {
  it('States.Format keeps the backslashes of its arguments, such as those of JSON in a cause', async () => {
    const cause = JSON.stringify({ errorMessage: 'a "quoted"\nline in C:\\temp' });
    expect(await evaluated("States.Format('{}: {}', $.error, $.cause)", { error: 'E', cause })).toBe(`E: ${cause}`);
  });

  it("States.Format takes away the escapes of its template: \\' \\{ \\} \\\\", async () => {
    expect(await evaluated("States.Format('it\\'s \\{{}\\} in C:\\\\x', $.x)", { x: 1 })).toBe("it's {1} in C:\\x");
  });

  it('States.JsonToString gives JSON that can be read again', async () => {
    const x = { text: 'a "quoted" \\ line\n' };
    expect(JSON.parse(await evaluated('States.JsonToString($.x)', { x }))).toEqual(x);
  });
});

describe('Choice rules', () => {
  const chosen = async (rule: object, input: object) => {
    const end = (Result: string) => ({ Type: 'Pass', Result, End: true });
    const choice = { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' };
    const states = { StartAt: 'Choose', States: { Choose: choice, Yes: end('yes'), No: end('no') } };
    return (await run(states, input)).output;
  };

  it.each([
    ['StringMatches', { StringMatches: '*' }, null, 'no'],
    ['StringMatches', { StringMatches: 'a*' }, 'ab', 'yes'],
    ['StringEquals', { StringEquals: '1' }, 1, 'no'],
    ['NumericLessThan', { NumericLessThan: 5 }, null, 'no'],
    ['NumericLessThan', { NumericLessThan: 5 }, '4', 'no'],
    ['NumericLessThan', { NumericLessThan: 5 }, 4, 'yes'],
    ['BooleanEquals', { BooleanEquals: false }, null, 'no'],
    ['TimestampLessThan', { TimestampLessThan: '2026-11-26T00:00:00Z' }, null, 'no'],
    ['IsNull false', { IsNull: false }, null, 'no'],
    ['IsNull false', { IsNull: false }, 1, 'yes'],
    ['IsString false', { IsString: false }, 1, 'yes'],
  ])('%s %j of %j: %s', async (_name, rule, value, expected) => {
    expect(await chosen({ Variable: '$.x', ...rule }, { x: value })).toBe(expected);
  });

  it('IsPresent: false holds for what is missing, also within And', async () => {
    const missing = { Variable: '$.y', IsPresent: false };
    expect(await chosen(missing, { x: 1 })).toBe('yes');
    expect(await chosen(missing, { y: 1 })).toBe('no');
    expect(await chosen({ And: [missing, { Not: { Variable: '$.x', IsNull: true } }] }, { x: 1 })).toBe('yes');
  });
});

describe('errors and limits', () => {
  it('States.TaskFailed stands for no timeout, States.Timeout and States.ALL do', async () => {
    stubFunctions(machines.cloud, { hangs: () => new Promise(() => {}) });
    const caughtBy = async (error: string) => {
      const Catch = [{ ErrorEquals: [error], Next: 'Caught' }];
      const { End, ...work } = taskState('hangs', { TimeoutSeconds: 1, Catch, Next: 'Caught' });
      return run({ StartAt: 'Work', States: { Work: work, Caught: { Type: 'Pass', End: true } } });
    };
    const [byTaskFailed, byTimeout] = await Promise.all([caughtBy('States.TaskFailed'), caughtBy('States.Timeout')]);
    expect(byTaskFailed.status).toBe('FAILED');
    expect(byTimeout.output).toEqual({ Error: 'States.Timeout', Cause: '' });
  });

  it('a result of more than 262,144 bytes ends the execution with States.DataLimitExceeded, also with a Catch of States.ALL', async () => {
    stubFunctions(machines.cloud, { big: () => ({ text: 'ü'.repeat(131_072) }) });
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
    const { End, ...work } = taskState('big', { Catch, Next: 'Caught' });
    const execution = await run({ StartAt: 'Work', States: { Work: work, Caught: { Type: 'Pass', End: true } } });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  it('the cause of a failed function is cut at 32,768 characters', async () => {
    stubFunctions(machines.cloud, {
      fails: () => {
        throw named('BigError', 'x'.repeat(40_000));
      },
    });
    const execution = await run(onlyState(taskState('fails')));
    expect(execution.cause).toHaveLength(32_768);
  });

  it.each([
    ['StartExecution', () => ({ input: JSON.stringify('x'.repeat(262_144)) }), '262144'],
    ['StopExecution', () => ({ executionArn: 'arn', cause: 'x'.repeat(32_769) }), '32768'],
    ['SendTaskFailure', () => ({ taskToken: 'x', error: 'x'.repeat(257) }), '256'],
    ['SendTaskSuccess', () => ({ taskToken: 'x', output: JSON.stringify('x'.repeat(262_144)) }), '262144'],
  ])('%s refuses what is too long', async (operation, input, limit) => {
    const stateMachineArn = await createMachine(machines.cloud, `limits-${operation}`, onlyState({ Type: 'Pass', End: true })); // biome-ignore format: one line
    await expect(machines.call(operation, { stateMachineArn, ...input() })).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining(`length less than or equal to ${limit}`),
    });
  });
});
