import { describe, expect, it } from 'vitest';
import { machineNames } from '#infra/lib/machine-files.ts';
import * as errors from '#lambdas/shared/errors.ts';
import { assertValid } from '#local/cloud/states/interpreter.ts';
import { readMachine, statesOf } from '#support/run-asl.ts';

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
        // A Catch for a certain error may lead elsewhere; a choice cannot fail.
        if (Type === 'Task') expect(Catch?.at(-1)?.Next, name).toBe('DescribeFailure');
      }
      expect(states.filter(([, { Type }]) => Type === 'Fail')).toHaveLength(1);
    },
  );
});
