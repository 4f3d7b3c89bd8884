import { executionArnIn, unpackFailure } from '@stepkube/tools/executions/cause.ts';
import { describe, expect, it } from 'vitest';

const ExecutionArn = 'arn:aws:states:us-east-1:123456789012:execution:stepkube-run-command:e1';
const lambdaReport = JSON.stringify({ errorType: 'AgentOfflineError', errorMessage: 'i-1 is offline', trace: [] });
const executionReport = (more: object) => JSON.stringify({ ExecutionArn, Status: 'FAILED', ...more });

describe('unpackFailure', () => {
  it.each([
    ['a plain text', 'CommandFailed', 'exit code 1', 'CommandFailed', 'exit code 1'],
    ['no cause', 'States.Timeout', '', 'States.Timeout', ''],
    ["a function's report", 'States.TaskFailed', lambdaReport, 'AgentOfflineError', 'i-1 is offline'],
    ["a function's report without a type", 'Lambda.Unknown', '{"errorMessage":"gone"}', 'Lambda.Unknown', 'gone'],
    [
      'a nested execution',
      'States.TaskFailed',
      executionReport({ Error: 'CommandFailed', Cause: 'exit code 1' }),
      'CommandFailed',
      'exit code 1',
    ],
    [
      'a nested execution that failed with a report of a function',
      'States.TaskFailed',
      executionReport({ Error: 'States.TaskFailed', Cause: lambdaReport }),
      'AgentOfflineError',
      'i-1 is offline',
    ],
    [
      'a nested execution that timed out',
      'States.TaskFailed',
      JSON.stringify({ ExecutionArn, Status: 'TIMED_OUT' }),
      'TIMED_OUT',
      '',
    ],
    ['JSON of another kind', 'Refused', '{"code":1}', 'Refused', '{"code":1}'],
    ['text that only looks like JSON', 'Refused', '{broken', 'Refused', '{broken'],
  ])('unpackFailure understands %s', (_what, error, cause, unpackedError, unpackedCause) => {
    expect(unpackFailure({ error, cause })).toEqual({ error: unpackedError, cause: unpackedCause });
  });
});

it('executionArnIn finds the nested execution in a cause, and none in a report of a function', () => {
  expect(executionArnIn(executionReport({}))).toBe(ExecutionArn);
  expect(executionArnIn(lambdaReport)).toBeUndefined();
});
