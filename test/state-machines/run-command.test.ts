import { describe, expect, it } from 'vitest';
import { failing, lambdaError, runAsl, serviceError, type TaskHandler } from '#support/run-asl.ts';

const input = {
  documentName: 'stepkube-join-node',
  instanceId: 'i-0123456789abcdef0',
  parameters: { ClusterName: 'x' },
};
const run = (RunDocument: TaskHandler) => runAsl('run-command', input, { RunDocument });

describe('run-command', () => {
  it('hands the task token to start-command and answers what completed the task', async () => {
    const payloads: unknown[] = [];
    const result = await run((task) => {
      payloads.push(task);
      return { commandId: 'c', status: 'Success' };
    });
    expect(result).toMatchObject({ status: 'SUCCEEDED', output: { commandId: 'c', status: 'Success' } });
    expect(payloads).toEqual([
      { FunctionName: expect.stringContaining('StartCommand'), Payload: { ...input, taskToken: 'token' } },
    ]);
  });

  it.each(['CommandFailed', 'CommandTimedOut', 'CommandCancelled'])('ends in %s, at the first time', async (name) => {
    const result = await run(failing([serviceError(`${name}Error`, 'stepkube-join-node failed: "tail" {of} stderr')]));
    expect(result).toMatchObject({ error: name, cause: 'stepkube-join-node failed: "tail" {of} stderr' });
  });

  it('sends an undelivered command again, and then says so', async () => {
    const undelivered = () => serviceError('CommandUndeliverableError', 'nothing ran');
    expect(await run(failing([undelivered(), undelivered()]))).toMatchObject({ status: 'SUCCEEDED' });
    const result = await run(failing([undelivered(), undelivered(), undelivered()]));
    expect(result).toMatchObject({ error: 'CommandUndeliverable', cause: 'nothing ran' });
  });

  it('reads the message when the function itself found no agent', async () => {
    const refused = () => lambdaError('CommandUndeliverableError', 'no SSM agent that is online');
    const result = await run(failing([refused(), refused(), refused()]));
    expect(result).toMatchObject({ error: 'CommandUndeliverable', cause: 'no SSM agent that is online' });
  });

  it('sends again when the function was killed on the way', async () => {
    expect(await run(failing([lambdaError('Sandbox.Timedout', 'timed out')]))).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each([
    [
      lambdaError('AccessDeniedException', 'not authorized to perform ssm:SendCommand'),
      'AccessDeniedException: not authorized to perform ssm:SendCommand',
    ],
    [lambdaError('InvalidInputError', 'the input is not valid'), 'InvalidInputError: the input is not valid'],
  ])('ends in CommandNotStarted with the reason (%#)', async (error, reason) => {
    const result = await run(failing(Array.from({ length: 5 }, () => error)));
    expect(result).toMatchObject({
      error: 'CommandNotStarted',
      cause: `stepkube-join-node could not be started on i-0123456789abcdef0: ${reason}`,
    });
  });

  it('has a cause of its own when nothing completes the task', async () => {
    const result = await run(failing([serviceError('States.Timeout', '')]));
    expect(result).toMatchObject({
      error: 'CommandTimedOut',
      cause: 'stepkube-join-node on i-0123456789abcdef0 did not end within 1800 seconds',
    });
  });
});
