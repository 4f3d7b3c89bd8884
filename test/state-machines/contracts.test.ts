import { describe, expect, it } from 'vitest';
import { machineNames } from '#infra/lib/machine-files.ts';
import * as errors from '#lambdas/shared/errors.ts';
import { assertValid } from '#local/cloud/states/interpreter.ts';
import { type AslState, readMachine, statesOf } from '#support/run-asl.ts';

const thrownNames = Object.values(errors).map((ErrorClass) => new ErrorClass('').name);
const tasks = machineNames.flatMap((machine) =>
  statesOf(readMachine(machine)).flatMap(([state, definition]) =>
    definition.Type === 'Task' ? [{ machine, state, task: definition }] : [],
  ),
);
const functionTasks = tasks.filter(({ task }) => task.Resource?.includes(':function:'));

describe('errors', () => {
  it.each(Object.entries(errors))('error class %s has its own name as a literal', (name, ErrorClass) => {
    expect(new ErrorClass('').name).toBe(name);
  });
});

describe.each(machineNames)('%s', (machine) => {
  it(`${machine} is valid Amazon States Language`, () => {
    expect(() => assertValid(readMachine(machine))).not.toThrow();
  });

  it(`${machine} has a comment and a time limit`, () => {
    expect(readMachine(machine)).toMatchObject({ Comment: expect.any(String), TimeoutSeconds: expect.any(Number) });
  });
});

describe('tasks', () => {
  it.each(tasks)('$machine: $state has a time limit, retries, and a Catch of everything', ({ task }) => {
    expect(task.TimeoutSeconds).toBeGreaterThan(0);
    expect(task.Retry?.length).toBeGreaterThan(0);
    expect(task.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
  });

  it.each(functionTasks)('$machine: $state is retried when Lambda or AWS is not available', ({ task }) => {
    const retried = (task.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retried).toEqual(
      expect.arrayContaining(['AwsUnavailableError', 'DeadlineExceededError', 'Lambda.TooManyRequestsException']),
    );
  });

  it.each(tasks)('$machine: $state matches only errors that a function throws', ({ task }) => {
    const matched = [...(task.Retry ?? []), ...(task.Catch ?? [])].flatMap(({ ErrorEquals }) => ErrorEquals);
    const own = matched.filter((name) => name.endsWith('Error'));
    expect(thrownNames).toEqual(expect.arrayContaining(own));
  });
});

describe('failures', () => {
  it.each(machineNames.filter((name) => name !== 'run-command'))(
    '%s describes the failure of every state and ends in one Fail state',
    (machine) => {
      const states = statesOf(readMachine(machine));
      const entry = states.findIndex(([name]) => name === 'DescribeFailure');
      for (const [name, { Type, Catch }] of states.slice(0, entry)) {
        // A Catch for a certain error may lead elsewhere; a choice cannot fail. What was done stays done when its lease cannot be ended.
        if (Type === 'Task' && !name.startsWith('Release')) expect(Catch?.at(-1)?.Next, name).toBe('DescribeFailure');
      }
      expect(states.filter(([, { Type }]) => Type === 'Fail')).toHaveLength(1);
    },
  );
});

describe('leases', () => {
  const reserving = machineNames.filter((machine) =>
    statesOf(readMachine(machine)).some(([name]) => name.startsWith('Reserve')),
  );
  it.each(reserving)('%s releases what it has reserved, whether it succeeds or fails', (machine) => {
    const { States } = readMachine(machine);
    const next = ({ Next, Default, Choices = [], Catch = [] }: AslState) =>
      [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((caught) => caught.Next)].filter(Boolean);
    const isRelease = (name: string) => name.startsWith('Release');
    const entered = new Set<string>();
    const walk = (name: string): void => {
      if (entered.has(name) || isRelease(name)) return;
      entered.add(name);
      for (const after of next(States[name]!)) walk(after!);
    };
    const [, reserve] = Object.entries(States).find(([name]) => name.startsWith('Reserve'))!;
    walk(reserve.Next!);
    const ends = [...entered].filter((name) => ['Succeed', 'Fail'].includes(States[name]!.Type));
    expect(ends).toEqual([]);
  });
});
