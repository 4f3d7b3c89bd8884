import { describe, expect, it } from 'vitest';
import {
  failing,
  lambdaError,
  readMachine,
  repeated,
  runAsl,
  serviceError,
  type TaskHandler,
} from '#support/run-asl.ts';

const input = { documentName: 'stepkube-join-node', instanceId: 'i-0123456789abcdef0' };
const run = (RunDocument: TaskHandler) => runAsl(readMachine('run-command'), input, { RunDocument });

describe('run-command', () => {
  it('run-command passes the task token to start-command and returns what completed the task', async () => {
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

  it.each(['CommandFailed', 'CommandTimedOut', 'CommandCancelled'])(
    'run-command fails with %s after the first attempt',
    async (name) => {
      const cause = 'stepkube-join-node failed: "tail" {of} stderr';
      const result = await run(failing([serviceError(`${name}Error`, cause)]));
      expect(result).toMatchObject({ error: name, cause });
    },
  );

  it('run-command sends an undelivered command again, and fails with CommandUndeliverable after the third time', async () => {
    const undelivered = () => serviceError('CommandUndeliverableError', 'nothing ran');
    expect(await run(failing(repeated(2, undelivered)))).toMatchObject({ status: 'SUCCEEDED' });
    const result = await run(failing(repeated(3, undelivered)));
    expect(result).toMatchObject({ error: 'CommandUndeliverable', cause: 'nothing ran' });
  });

  it("run-command takes the message out of the function's report if start-command finds no agent", async () => {
    const refused = () => lambdaError('CommandUndeliverableError', 'no SSM agent that is online');
    const result = await run(failing(repeated(3, refused)));
    expect(result).toMatchObject({ error: 'CommandUndeliverable', cause: 'no SSM agent that is online' });
  });

  it('run-command sends the command again if start-command was killed', async () => {
    expect(await run(failing([lambdaError('Sandbox.Timedout', 'timed out')]))).toMatchObject({ status: 'SUCCEEDED' });
  });

  it.each([
    ['AccessDeniedException', 'not authorized to perform ssm:SendCommand'],
    ['InvalidInputError', 'the input is not valid'],
  ])('run-command fails with CommandNotStarted and the reason if start-command throws %s', async (name, message) => {
    const result = await run(failing(repeated(5, () => lambdaError(name, message))));
    expect(result).toMatchObject({
      error: 'CommandNotStarted',
      cause: `stepkube-join-node could not be started on i-0123456789abcdef0: ${name}: ${message}`,
    });
  });

  it('run-command names document, instance and time limit if nothing completes the task', async () => {
    const result = await run(failing([serviceError('States.Timeout', '')]));
    expect(result).toMatchObject({
      error: 'CommandTimedOut',
      cause: 'stepkube-join-node on i-0123456789abcdef0 did not end within 60 seconds',
    });
  });
});
