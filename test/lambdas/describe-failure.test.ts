import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { remedies } from '#lambdas/describe-failure/next-step.ts';
import * as errors from '#lambdas/shared/errors.ts';
import { answerAws, awsError, type CommandInput } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';
import { describeFailureHandler } from '#support/machine-runs.ts';
import {
  childError,
  type Definition,
  executionArn,
  failing,
  lambdaError,
  readMachine,
  repeated,
  runAsl,
  serviceError,
  statesOf,
  type TaskHandler,
} from '#support/run-asl.ts';

vi.mock('node:timers/promises', () => ({ setTimeout: async () => undefined })); // pauses between reads of the history

const instanceId = 'i-0123456789abcdef0';
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:123456789012:function:stepkube-${name}`;
const catchAll = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'DescribeFailure' }];
const retry = [{ ErrorEquals: ['AgentOfflineError', 'AwsUnavailableError'], MaxAttempts: 3 }];
const task = (name: string, more: object = {}) => ({
  Type: 'Task',
  Resource: functionArn(name),
  TimeoutSeconds: 40,
  Retry: retry,
  ...more,
});
const ending = {
  DescribeFailure: {
    Type: 'Task',
    Resource: functionArn('describe-failure'),
    Parameters: { 'executionArn.$': '$$.Execution.Id', 'failure.$': '$.failure', nextStep: 'start it again' },
    ResultPath: '$.report',
    Next: 'Done',
  },
  Done: { Type: 'Pass', InputPath: '$.report', End: true },
};
/** Two branches that start at the same time, with one Catch around them. */
const parallel = {
  StartAt: 'Prepare',
  States: {
    Prepare: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Install',
          States: {
            Install: task('install', { Parameters: { 'instanceId.$': '$.instanceId' }, Next: 'Configure' }),
            Configure: task('configure', { End: true }),
          },
        },
        { StartAt: 'Scale', States: { Scale: task('scale', { End: true }) } },
      ],
      Catch: catchAll,
      End: true,
    },
    ...ending,
  },
} as unknown as Definition;
const single = {
  StartAt: 'Install',
  States: { Install: task('install', { Catch: catchAll, End: true }), ...ending },
} as unknown as Definition;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe('describe-failure', () => {
  let DescribeFailure: Awaited<ReturnType<typeof describeFailureHandler>>;
  beforeEach(async () => {
    DescribeFailure = await describeFailureHandler();
  });
  const run = async (machine: Definition, handlers: Readonly<Record<string, TaskHandler>>) => {
    const { output } = await runAsl(machine, { instanceId }, { DescribeFailure, ...handlers });
    return output;
  };

  it('describe-failure names the state inside a Parallel branch, with the instance of its task', async () => {
    expect(await run(parallel, { Install: failing([lambdaError('Oops', 'no disk')]) })).toEqual({
      error: 'InstallFailed',
      cause: 'Install failed: Oops: no disk — next: start it again',
      state: 'Install',
      instanceId,
    });
  });

  it('describe-failure names the state that failed after its retries, not one that a retry repaired', async () => {
    const offline = () => lambdaError('AgentOfflineError', 'offline');
    expect(
      await run(parallel, { Install: failing([offline()]), Configure: failing(repeated(4, offline)) }),
    ).toMatchObject({ state: 'Configure', cause: expect.stringContaining('AgentOfflineError: offline') });
  });

  it('describe-failure says what did not end and within which time if a task timed out', async () => {
    expect(await run(parallel, { Scale: failing([serviceError('States.Timeout', '')]) })).toMatchObject({
      error: 'ScaleFailed',
      cause:
        'Scale failed: the function stepkube-scale did not end within 40 seconds — next: look into the log of what did not end, then start it again',
    });
  });

  it.each([
    ['AgentOfflineError', false],
    ['UnsupportedAgentVersionError', false],
    ['InstanceGoneError', false],
    ['CommandFailedError', true],
  ])('describe-failure after %s names an instance for diagnostics: %s', async (error, named) => {
    const description = await run(parallel, { Install: failing(repeated(9, () => lambdaError(error, 'x'))) });
    expect(Object.hasOwn(description as object, 'instanceId')).toBe(named);
  });

  it('describe-failure unwraps the report of a nested execution', async () => {
    const child = childError({ Status: 'FAILED', Error: 'CommandFailed', Cause: 'stepkube-x on i-1 failed' });
    expect(await run(single, { Install: failing([child]) })).toMatchObject({
      cause:
        'Install failed: stepkube-x on i-1 failed — next: read the full output and remove the cause, then start it again',
    });
  });

  it.each([['TIMED_OUT'], ['ABORTED']])('describe-failure says that a nested execution ended as %s', async (Status) => {
    expect(await run(single, { Install: failing([childError({ Status })]) })).toMatchObject({
      cause: expect.stringContaining(`:execution:stepkube-run-command:child ended with status ${Status} — next: `),
    });
  });

  it('describe-failure suggests the missing permission after a refusal', async () => {
    const denied = lambdaError('AccessDeniedException', 'not authorized to perform ec2:RunInstances');
    expect(await run(single, { Install: failing([denied]) })).toMatchObject({
      cause: expect.stringContaining('— next: grant the missing permission in infra/ and deploy, then start it again'),
    });
  });

  it('describe-failure keeps the cause below the size that an execution can hold', async () => {
    const { cause } = (await run(single, { Install: failing([lambdaError('Oops', 'x'.repeat(30_000))]) })) as {
      cause: string;
    };
    expect(cause.length).toBeLessThan(17_000);
    expect(cause).toMatch(/ — next: start it again$/);
  });
});

describe('remedies', () => {
  it('every remedy is for an error that a function throws, that run-command ends with, or that Step Functions raises', () => {
    const thrown = Object.values(errors).map((ErrorClass) => new ErrorClass('').name);
    const ends = statesOf(readMachine('run-command')).flatMap(([, { Type, Error: error }]) =>
      Type === 'Fail' ? [error] : [],
    );
    expect([...thrown, ...ends, 'States.Timeout']).toEqual(expect.arrayContaining(Object.keys(remedies)));
  });
});

describe('describe-failure and the history', () => {
  const failure = { Error: 'Oops', Cause: 'no disk' };
  const input = { executionArn, failure, nextStep: 'start it again' };
  const entered = {
    id: 1,
    previousEventId: 0,
    type: 'TaskStateEntered',
    stateEnteredEventDetails: { name: 'Install' },
  };
  const failed = {
    id: 2,
    previousEventId: 1,
    type: 'TaskFailed',
    taskFailedEventDetails: { error: 'Oops', cause: 'no disk' },
  };
  const exited = { id: 3, previousEventId: 2, type: 'TaskStateExited', stateExitedEventDetails: { name: 'Install' } };

  it('describe-failure ignores a sibling branch that was aborted while it waited for its retry', async () => {
    const details = { error: 'AwsUnavailableError', cause: 'no answer' };
    const enter = (id: number, name: string) => ({
      id,
      previousEventId: 1,
      type: 'TaskStateEntered',
      stateEnteredEventDetails: { name },
    });
    const fail = (id: number, previousEventId: number) => ({
      id,
      previousEventId,
      type: 'LambdaFunctionFailed',
      lambdaFunctionFailedEventDetails: details,
    });
    const events = [
      { id: 1, previousEventId: 0, type: 'ParallelStateStarted' },
      enter(2, 'Scale'),
      enter(3, 'Install'),
      fail(4, 2),
      fail(5, 3), // the same failure, to be retried
      { id: 6, previousEventId: 5, type: 'TaskStateAborted' },
      { id: 7, previousEventId: 4, type: 'ParallelStateFailed' },
    ];
    answerAws({ GetExecutionHistory: { events } });
    const handler = await loadHandler('describe-failure');
    const caught = { Error: details.error, Cause: details.cause };
    expect(await handler({ ...input, failure: caught }, lambdaContext())).toMatchObject({ state: 'Scale' });
  });

  it('describe-failure reads every page of the history', async () => {
    const sent = answerAws({
      GetExecutionHistory: ({ nextToken }: CommandInput) =>
        nextToken === undefined ? { events: [entered], nextToken: '2' } : { events: [failed, exited] },
    });
    const handler = await loadHandler('describe-failure');
    expect(await handler(input, lambdaContext())).toMatchObject({ state: 'Install' });
    expect(sent.map(({ input: { nextToken } }) => nextToken)).toEqual([undefined, '2']);
  });

  it('describe-failure reads the history again until it shows the failure', async () => {
    const histories = [[entered], [entered], [entered, failed, exited]];
    answerAws({ GetExecutionHistory: () => ({ events: histories.shift() }) });
    const handler = await loadHandler('describe-failure');
    expect(await handler(input, lambdaContext())).toMatchObject({ state: 'Install' });
    expect(histories).toEqual([]);
  });

  it('describe-failure takes the state that was left last for a failure without an event of its own', async () => {
    answerAws({ GetExecutionHistory: { events: [entered, exited] } });
    const handler = await loadHandler('describe-failure');
    const parameterPath = { Error: 'States.ParameterPathFailure', Cause: "The JSONPath '$.x' could not be found" };
    expect(await handler({ ...input, failure: parameterPath }, lambdaContext())).toMatchObject({
      error: 'InstallFailed',
      cause: expect.stringContaining("States.ParameterPathFailure: The JSONPath '$.x' could not be found"),
    });
  });

  it('describe-failure throws what the history answers if it cannot be read', async () => {
    answerAws({
      GetExecutionHistory: () => {
        throw awsError('AccessDeniedException', 'not authorized');
      },
    });
    const handler = await loadHandler('describe-failure');
    expect((await errorOf(handler(input, lambdaContext()))).name).toBe('AccessDeniedException');
  });
});
