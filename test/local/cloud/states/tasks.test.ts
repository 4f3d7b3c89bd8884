import { describe, expect, it } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { createMachine, functionArn, named, roleArn, stubFunctions } from '#support/state-machines.ts';
import { createStatesCloud, onlyState, taskState } from '#support/states-cloud.ts';

// Some tests wait for timeouts in real time.
describe.concurrent('Task states with a function ARN', () => {
  it("a Task invokes its function as the machine's role and returns the function's result", async () => {
    await using machines = await createStatesCloud();
    const { cloud, run, historyTypes } = machines;
    stubFunctions(cloud, { double: ({ n }) => ({ n: Number(n) * 2 }) });
    const arn = await createMachine(cloud, 'doubling', onlyState(taskState('double')));
    const execution = await run(arn, { n: 21 });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { n: 42 }, stateMachineArn: arn });
    expect(cloud.calls.filter(({ service }) => service === 'lambda')).toMatchObject([{ asRoleArn: roleArn }]);
    expect(await historyTypes(execution.executionArn)).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('a Task fails with the error type of its function, and the whole error as JSON in the cause', async () => {
    await using machines = await createStatesCloud();
    const { cloud, run, historyTypes } = machines;
    stubFunctions(cloud, {
      work: () => {
        throw named('AgentOfflineError', 'i-1 is not online');
      },
    });
    const execution = await run(await createMachine(cloud, 'failing', onlyState(taskState('work'))));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'AgentOfflineError' });
    expect(JSON.parse(execution.cause)).toEqual({
      errorType: 'AgentOfflineError',
      errorMessage: 'i-1 is not online',
      trace: [],
    });
    expect((await historyTypes(execution.executionArn)).slice(-2)).toEqual(['LambdaFunctionFailed', 'ExecutionFailed']);
  });

  it('a Task is retried by error name in scaled time, and its view counts the retries', async () => {
    await using machines = await createStatesCloud();
    const { cloud, states, run } = machines;
    let attempts = 0;
    stubFunctions(cloud, {
      work: () => {
        attempts += 1;
        if (attempts < 3) throw named('AgentOfflineError', 'not yet');
        return { attempts };
      },
    });
    const Retry = [{ ErrorEquals: ['AgentOfflineError'], IntervalSeconds: 30, MaxAttempts: 5, BackoffRate: 1 }];
    const execution = await run(await createMachine(cloud, 'retrying', onlyState(taskState('work', { Retry }))));
    expect(execution.output).toEqual({ attempts: 3 });
    const [view] = states.view().executions;
    expect(view?.states).toMatchObject([{ name: 'Work', status: 'succeeded', retries: 2 }]);
    expect(view?.states[0]).not.toHaveProperty('error');
  });

  it('a caught error reaches the next state, and the view shows the Task as failed', async () => {
    await using machines = await createStatesCloud();
    const { cloud, states, run, historyTypes } = machines;
    stubFunctions(cloud, {
      work: () => {
        throw named('NodesNotReadyError', '1 of 3');
      },
    });
    const Catch = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Failed' }];
    const { End, ...work } = taskState('work', { Catch, Next: 'Failed' });
    const arn = await createMachine(cloud, 'catching', {
      StartAt: 'Work',
      States: { Work: work, Failed: { Type: 'Fail', Error: 'ClusterFailed', CausePath: '$.failure.Cause' } },
    });
    const execution = await run(arn);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ClusterFailed' });
    expect(JSON.parse(execution.cause).errorMessage).toBe('1 of 3');
    expect(states.view().executions[0]?.states).toMatchObject([
      { name: 'Work', status: 'failed', error: 'NodesNotReadyError' },
      { name: 'Failed', status: 'failed' },
    ]);
    expect((await historyTypes(execution.executionArn)).slice(-4)).toEqual([
      'LambdaFunctionFailed',
      'TaskStateExited',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it('a Task fails with States.Timeout after its TimeoutSeconds', async () => {
    await using machines = await createStatesCloud();
    const { cloud, run, historyTypes } = machines;
    stubFunctions(cloud, { work: () => new Promise(() => {}) });
    const execution = await run(
      await createMachine(cloud, 'slow', onlyState(taskState('work', { TimeoutSeconds: 1 }))),
    );
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: '' });
    expect((await historyTypes(execution.executionArn)).slice(-2)).toEqual([
      'LambdaFunctionTimedOut',
      'ExecutionFailed',
    ]);
  });

  it('an error of the Lambda service has the prefix Lambda', async () => {
    await using machines = await createStatesCloud();
    const { cloud, run } = machines;
    const execution = await run(await createMachine(cloud, 'unserved', onlyState(taskState('absent'))));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Lambda.UnknownOperationException' });
  });
});

describe.concurrent('lambda:invoke.waitForTaskToken', () => {
  const Resource = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
  const Parameters = {
    FunctionName: functionArn('start'),
    Payload: { 'taskToken.$': '$$.Task.Token', 'instanceId.$': '$.instanceId' },
  };
  const callbackTask = (more: object = {}) => onlyState(taskState('start', { Resource, Parameters, ...more }));

  it('a callback task waits for SendTaskSuccess with the token that its function got', async () => {
    await using machines = await createStatesCloud();
    const { cloud, call, ended, history, historyTypes } = machines;
    const tokens: string[] = [];
    stubFunctions(cloud, {
      start: ({ taskToken, instanceId }) => {
        expect(instanceId).toBe('i-1');
        tokens.push(taskToken!);
      },
    });
    const arn = await createMachine(cloud, 'callback', callbackTask());
    const { executionArn } = await call('StartExecution', { stateMachineArn: arn, input: '{"instanceId":"i-1"}' });
    await eventually(async () => expect(await historyTypes(executionArn)).toContain('TaskSubmitted'));
    expect((await call('DescribeExecution', { executionArn })).status).toBe('RUNNING');

    await call('SendTaskSuccess', { taskToken: tokens[0], output: '{"status":"Success"}' });

    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: { status: 'Success' } });
    expect(tokens).toHaveLength(1);
    expect((await historyTypes(executionArn)).slice(2, -2)).toEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
    expect((await history(executionArn))[2]).toMatchObject({
      taskScheduledEventDetails: { resourceType: 'lambda', resource: 'invoke.waitForTaskToken', region: 'eu-west-1' },
    });
  });

  it('a callback may come before the function has returned', async () => {
    await using machines = await createStatesCloud();
    const { cloud, call, run } = machines;
    stubFunctions(cloud, {
      start: ({ taskToken }) => call('SendTaskSuccess', { taskToken, output: '"early"' }),
    });
    const arn = await createMachine(cloud, 'early', callbackTask());
    expect(await run(arn, { instanceId: 'i-1' })).toMatchObject({ status: 'SUCCEEDED', output: 'early' });
  });

  it('a callback task fails by SendTaskFailure and by an error of its function', async () => {
    await using machines = await createStatesCloud();
    const { cloud, call, run } = machines;
    stubFunctions(cloud, {
      start: ({ taskToken, instanceId }) => {
        if (instanceId === 'i-2') throw named('InstanceGoneError', 'gone');
        return call('SendTaskFailure', { taskToken, error: 'CommandFailed', cause: 'exit 1: no space' });
      },
    });
    const arn = await createMachine(cloud, 'refused', callbackTask());
    const refused = await run(arn, { instanceId: 'i-1' });
    expect(refused).toMatchObject({ status: 'FAILED', error: 'CommandFailed', cause: 'exit 1: no space' });
    expect(await run(arn, { instanceId: 'i-2' })).toMatchObject({ status: 'FAILED', error: 'InstanceGoneError' });
  });

  it('each retry of a callback task has a token of its own', async () => {
    await using machines = await createStatesCloud();
    const { cloud, call, run } = machines;
    const tokens: string[] = [];
    stubFunctions(cloud, {
      start: ({ taskToken }) => {
        tokens.push(taskToken!);
        if (tokens.length === 1) throw named('Throttled', 'later');
        return call('SendTaskSuccess', { taskToken, output: '{}' });
      },
    });
    const Retry = [{ ErrorEquals: ['Throttled'], IntervalSeconds: 1, MaxAttempts: 2 }];
    const arn = await createMachine(cloud, 'again', callbackTask({ Retry }));
    expect((await run(arn, { instanceId: 'i-1' })).status).toBe('SUCCEEDED');
    expect(new Set(tokens).size).toBe(2);
  });

  it('a callback task fails with States.Timeout and no cause when no heartbeat comes', async () => {
    await using machines = await createStatesCloud();
    const { cloud, run, history } = machines;
    stubFunctions(cloud, { start: () => ({}) });
    const arn = await createMachine(cloud, 'silent', callbackTask({ HeartbeatSeconds: 1 }));
    const execution = await run(arn, { instanceId: 'i-1' });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: '' });
    const timedOut = (await history(execution.executionArn)).find(({ type }) => type === 'TaskTimedOut');
    expect(timedOut).toMatchObject({
      taskTimedOutEventDetails: {
        resourceType: 'lambda',
        resource: 'invoke.waitForTaskToken',
        error: 'States.Timeout',
      },
    });
  });

  it('callbacks with used, unknown and malformed tokens are refused', async () => {
    await using machines = await createStatesCloud();
    const { cloud, call, run } = machines;
    let used = '';
    stubFunctions(cloud, {
      start: ({ taskToken }) => {
        used = taskToken!;
        return call('SendTaskSuccess', { taskToken, output: '{}' });
      },
    });
    await run(await createMachine(cloud, 'once', callbackTask()), { instanceId: 'i-1' });
    const succeed = (taskToken: string) => call('SendTaskSuccess', { taskToken, output: '{}' });
    await expect(succeed(used)).rejects.toMatchObject({ code: 'TaskTimedOut' });
    await expect(succeed('A'.repeat(256))).rejects.toMatchObject({ code: 'TaskDoesNotExist' });
    await expect(succeed('no token')).rejects.toMatchObject({ code: 'InvalidToken' });
    await expect(call('SendTaskFailure', { taskToken: used })).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });
});
