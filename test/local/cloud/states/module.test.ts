import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type BusEvent, connectBus } from '#local/cloud/events/bus.ts';
import { createStatesModule } from '#local/cloud/states/module.ts';
import type { ExecutionView } from '#local/contracts/views.ts';
import { createFakeCloud, type FakeCloud } from '#support/fake-cloud.ts';
import { createMachine, functionArn, named, roleArn, stubFunctions } from '#support/state-machines.ts';

let cloud: FakeCloud;
let states: ReturnType<typeof createStatesModule>;

beforeEach(async () => {
  cloud = await createFakeCloud();
  states = createStatesModule(cloud.core);
  cloud.add(states);
});

afterEach(() => cloud.stop());

const patient = { timeout: 10_000, interval: 5 };
const call = (operation: string, input: object) => cloud.call('states', operation, input);

/** Runs to the end and returns DescribeExecution with parsed output. */
async function run(stateMachineArn: string, input: object = {}) {
  const { executionArn } = await call('StartExecution', { stateMachineArn, input: JSON.stringify(input) });
  return ended(executionArn);
}

async function ended(executionArn: string) {
  return vi.waitFor(async () => {
    const execution = await call('DescribeExecution', { executionArn });
    expect(execution.status).not.toBe('RUNNING');
    return execution.output === undefined ? execution : { ...execution, output: JSON.parse(execution.output) };
  }, patient);
}

type Event = { id: number; previousEventId: number; type: string };

async function history(executionArn: string): Promise<Event[]> {
  return (await call('GetExecutionHistory', { executionArn })).events;
}

const typesOf = (events: { type: string }[]) => events.map(({ type }) => type);
const task = (name: string, more: object = {}) => ({
  Type: 'Task',
  Resource: functionArn(name),
  TimeoutSeconds: 10,
  End: true,
  ...more,
});
const only = (state: object) => ({ StartAt: 'Work', States: { Work: state } });

describe('a Task with a function ARN', () => {
  it("passes the input, returns the function's result and calls as the machine's role", async () => {
    stubFunctions(cloud, { double: ({ n }) => ({ n: Number(n) * 2 }) });
    const arn = await createMachine(cloud, 'doubling', only(task('double')));
    const execution = await run(arn, { n: 21 });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { n: 42 }, stateMachineArn: arn });
    expect(cloud.calls.filter(({ service }) => service === 'lambda')).toMatchObject([{ asRoleArn: roleArn }]);
    expect(typesOf(await history(execution.executionArn))).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('fails with the error type, and the whole error as JSON for cause', async () => {
    stubFunctions(cloud, {
      work: () => {
        throw named('AgentOfflineError', 'i-1 is not online');
      },
    });
    const execution = await run(await createMachine(cloud, 'failing', only(task('work'))));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'AgentOfflineError' });
    expect(JSON.parse(execution.cause)).toEqual({
      errorType: 'AgentOfflineError',
      errorMessage: 'i-1 is not online',
      trace: [],
    });
    expect(typesOf(await history(execution.executionArn)).slice(-2)).toEqual([
      'LambdaFunctionFailed',
      'ExecutionFailed',
    ]);
  });

  it('retries by error name in scaled time and counts the retries', async () => {
    let attempts = 0;
    stubFunctions(cloud, {
      work: () => {
        attempts += 1;
        if (attempts < 3) throw named('AgentOfflineError', 'not yet');
        return { attempts };
      },
    });
    const Retry = [{ ErrorEquals: ['AgentOfflineError'], IntervalSeconds: 30, MaxAttempts: 5, BackoffRate: 1 }];
    const execution = await run(await createMachine(cloud, 'retrying', only(task('work', { Retry }))));
    expect(execution.output).toEqual({ attempts: 3 });
    expect(states.view().executions[0]?.states).toMatchObject([{ name: 'Work', status: 'succeeded', retries: 2 }]);
    expect(states.view().executions[0]?.states[0]).not.toHaveProperty('error');
  });

  it('hands a caught error on and shows the state as failed', async () => {
    stubFunctions(cloud, {
      work: () => {
        throw named('NodesNotReadyError', '1 of 3');
      },
    });
    const Catch = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'GiveUp' }];
    const { End, ...work } = task('work', { Catch, Next: 'GiveUp' });
    const arn = await createMachine(cloud, 'catching', {
      StartAt: 'Work',
      States: { Work: work, GiveUp: { Type: 'Fail', Error: 'ClusterFailed', CausePath: '$.failure.Cause' } },
    });
    const execution = await run(arn);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ClusterFailed' });
    expect(JSON.parse(execution.cause).errorMessage).toBe('1 of 3');
    expect(states.view().executions[0]?.states).toMatchObject([
      { name: 'Work', status: 'failed', error: 'NodesNotReadyError' },
      { name: 'GiveUp', status: 'failed' },
    ]);
    expect(typesOf(await history(execution.executionArn)).slice(-4)).toEqual([
      'LambdaFunctionFailed',
      'TaskStateExited',
      'FailStateEntered',
      'ExecutionFailed',
    ]);
  });

  it('times out', async () => {
    stubFunctions(cloud, { work: () => new Promise(() => {}) });
    const execution = await run(await createMachine(cloud, 'slow', only(task('work', { TimeoutSeconds: 1 }))));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(typesOf(await history(execution.executionArn)).slice(-2)).toEqual([
      'LambdaFunctionTimedOut',
      'ExecutionFailed',
    ]);
  });

  it("names a refusal of Lambda's as Step Functions does", async () => {
    const execution = await run(await createMachine(cloud, 'unserved', only(task('absent'))));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Lambda.UnknownOperationException' });
  });
});

describe('lambda:invoke.waitForTaskToken', () => {
  const Resource = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
  const Parameters = {
    FunctionName: functionArn('start'),
    Payload: { 'taskToken.$': '$$.Task.Token', 'instanceId.$': '$.instanceId' },
  };
  const waiting = (more: object = {}) => only(task('start', { Resource, Parameters, ...more }));

  it('waits for SendTaskSuccess with the token that the function got', async () => {
    const tokens: string[] = [];
    stubFunctions(cloud, {
      start: ({ taskToken, instanceId }) => {
        expect(instanceId).toBe('i-1');
        tokens.push(taskToken!);
      },
    });
    const arn = await createMachine(cloud, 'callback', waiting());
    const { executionArn } = await call('StartExecution', { stateMachineArn: arn, input: '{"instanceId":"i-1"}' });
    await vi.waitFor(async () => expect(typesOf(await history(executionArn))).toContain('TaskSubmitted'), patient);
    expect((await call('DescribeExecution', { executionArn })).status).toBe('RUNNING');

    await call('SendTaskSuccess', { taskToken: tokens[0], output: '{"status":"Success"}' });

    expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: { status: 'Success' } });
    expect(tokens).toHaveLength(1);
    const events = await history(executionArn);
    expect(typesOf(events).slice(2, -2)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
    expect(events[2]).toMatchObject({
      taskScheduledEventDetails: { resourceType: 'lambda', resource: 'invoke.waitForTaskToken', region: 'eu-west-1' },
    });
  });

  it('takes an answer that comes before the function has returned', async () => {
    stubFunctions(cloud, {
      start: ({ taskToken }) => call('SendTaskSuccess', { taskToken, output: '"early"' }),
    });
    const arn = await createMachine(cloud, 'early', waiting());
    expect(await run(arn, { instanceId: 'i-1' })).toMatchObject({ status: 'SUCCEEDED', output: 'early' });
  });

  it('fails by SendTaskFailure, and by an error of the function', async () => {
    stubFunctions(cloud, {
      start: ({ taskToken, instanceId }) => {
        if (instanceId === 'i-2') throw named('InstanceGoneError', 'gone');
        return call('SendTaskFailure', { taskToken, error: 'CommandFailed', cause: 'exit 1: no space' });
      },
    });
    const arn = await createMachine(cloud, 'refused', waiting());
    const refused = await run(arn, { instanceId: 'i-1' });
    expect(refused).toMatchObject({ status: 'FAILED', error: 'CommandFailed', cause: 'exit 1: no space' });
    expect(await run(arn, { instanceId: 'i-2' })).toMatchObject({ status: 'FAILED', error: 'InstanceGoneError' });
  });

  it('gives each retry a token of its own', async () => {
    const tokens: string[] = [];
    stubFunctions(cloud, {
      start: ({ taskToken }) => {
        tokens.push(taskToken!);
        if (tokens.length === 1) throw named('Throttled', 'later');
        return call('SendTaskSuccess', { taskToken, output: '{}' });
      },
    });
    const Retry = [{ ErrorEquals: ['Throttled'], IntervalSeconds: 1, MaxAttempts: 2 }];
    const arn = await createMachine(cloud, 'again', waiting({ Retry }));
    expect((await run(arn, { instanceId: 'i-1' })).status).toBe('SUCCEEDED');
    expect(new Set(tokens).size).toBe(2);
  });

  it('fails when no heartbeat comes', async () => {
    stubFunctions(cloud, { start: () => ({}) });
    const arn = await createMachine(cloud, 'silent', waiting({ HeartbeatSeconds: 1 }));
    expect(await run(arn, { instanceId: 'i-1' })).toMatchObject({ status: 'FAILED', error: 'States.HeartbeatTimeout' });
  });

  it('refuses answers for tokens that are used up, unknown or malformed', async () => {
    let used = '';
    stubFunctions(cloud, {
      start: ({ taskToken }) => {
        used = taskToken!;
        return call('SendTaskSuccess', { taskToken, output: '{}' });
      },
    });
    await run(await createMachine(cloud, 'once', waiting()), { instanceId: 'i-1' });
    const answer = (taskToken: string) => call('SendTaskSuccess', { taskToken, output: '{}' });
    await expect(answer(used)).rejects.toMatchObject({ code: 'TaskTimedOut' });
    await expect(answer('A'.repeat(256))).rejects.toMatchObject({ code: 'TaskDoesNotExist' });
    await expect(answer('no token')).rejects.toMatchObject({ code: 'InvalidToken' });
    await expect(call('SendTaskFailure', { taskToken: used })).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });
});

describe('states:startExecution', () => {
  async function parentOf(pattern: string, childArn: string) {
    return createMachine(
      cloud,
      `parent${pattern.replaceAll(/\W/g, '-')}`,
      only(
        task('', {
          Resource: `arn:aws:states:::states:startExecution${pattern}`,
          Parameters: { StateMachineArn: childArn, 'Input.$': '$' },
        }),
      ),
    );
  }

  it('sync:2 answers with the description of the child, input and output parsed', async () => {
    const child = await createMachine(cloud, 'child', only({ Type: 'Pass', Result: { ok: true }, End: true }));
    const execution = await run(await parentOf('.sync:2', child), { n: 1 });
    expect(execution.output).toMatchObject({
      Status: 'SUCCEEDED',
      StateMachineArn: child,
      Input: { n: 1 },
      Output: { ok: true },
    });
  });

  it("sync:2 fails with States.TaskFailed and the child's description as cause", async () => {
    const fail = { Type: 'Fail', Error: 'CommandFailed', Cause: 'install-runtime on i-1 failed (exit 1)' };
    const child = await createMachine(cloud, 'failing-child', only(fail));
    const execution = await run(await parentOf('.sync:2', child), { n: 1 });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(execution.cause)).toMatchObject({
      Status: 'FAILED',
      Error: 'CommandFailed',
      Cause: 'install-runtime on i-1 failed (exit 1)',
      Input: '{"n":1}',
    });
  });

  it('without a pattern goes on at once', async () => {
    const child = await createMachine(cloud, 'long-child', only({ Type: 'Wait', Seconds: 100_000, End: true }));
    const execution = await run(await parentOf('', child));
    expect((await call('DescribeExecution', { executionArn: execution.output.ExecutionArn })).status).toBe('RUNNING');
  });

  it('stops the child when the parent is stopped', async () => {
    const child = await createMachine(cloud, 'stopped-child', only({ Type: 'Wait', Seconds: 100_000, End: true }));
    const stateMachineArn = await parentOf('.sync:2', child);
    const { executionArn } = await call('StartExecution', { stateMachineArn });
    await vi.waitFor(async () => expect(typesOf(await history(executionArn))).toContain('TaskSubmitted'), patient);
    await call('StopExecution', { executionArn, error: 'ByHand', cause: 'enough' });
    expect(await ended(executionArn)).toMatchObject({ status: 'ABORTED', error: 'ByHand', cause: 'enough' });
    const { executions } = await call('ListExecutions', { stateMachineArn: child });
    expect(await ended(executions[0].executionArn)).toMatchObject({ status: 'ABORTED' });
  });
});

describe('Parallel', () => {
  const branch = (name: string, more: object = {}) => ({ StartAt: name, States: { [name]: task(name, more) } });
  const parallel = (...Branches: object[]) => only({ Type: 'Parallel', Branches, End: true });

  it('links the events of each branch to its own past and shows nested states', async () => {
    stubFunctions(cloud, { A: () => 'a', B: () => 'b' });
    const inner = { StartAt: 'Inner', States: { Inner: { Type: 'Parallel', Branches: [branch('B')], End: true } } };
    const execution = await run(await createMachine(cloud, 'nested', parallel(branch('A'), inner)));
    expect(execution.output).toEqual(['a', ['b']]);
    const events = await history(execution.executionArn);
    const types = typesOf(events);
    expect(types.filter((type) => !/Lambda|Task/.test(type))).toEqual([
      'ExecutionStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'ParallelStateEntered',
      'ParallelStateStarted',
      'ParallelStateSucceeded',
      'ParallelStateExited',
      'ParallelStateSucceeded',
      'ParallelStateExited',
      'ExecutionSucceeded',
    ]);
    expect(types.filter((type) => type === 'TaskStateExited')).toHaveLength(2);
    const started = events.find(({ type }) => type === 'ParallelStateStarted')!;
    const [first] = events.filter(({ type }) => type === 'TaskStateEntered');
    expect(first?.previousEventId).toBe(started.id);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(events.slice(1).every(({ id, previousEventId }) => previousEventId > 0 && previousEventId < id)).toBe(true);
    expect(
      states
        .view()
        .executions[0]?.states.map(({ name, status }) => `${name} ${status}`)
        .sort(),
    ).toEqual(['A succeeded', 'B succeeded', 'Inner succeeded', 'Work succeeded']);
  });

  it('ends the other branches when one fails: nothing is started any more', async () => {
    const started: string[] = [];
    const slowStarted = Promise.withResolvers<void>();
    const slowEnds = Promise.withResolvers<void>();
    stubFunctions(cloud, {
      Bad: async () => {
        await slowStarted.promise;
        throw named('BadError', 'no');
      },
      Slow: () => {
        started.push('Slow');
        slowStarted.resolve();
        return slowEnds.promise;
      },
      Later: () => started.push('Later'),
    });
    const { End, ...slow } = task('Slow', { Next: 'Later' });
    const chain = { StartAt: 'Slow', States: { Slow: slow, Later: task('Later') } };
    const execution = await run(await createMachine(cloud, 'aborting', parallel(branch('Bad'), chain)));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'BadError' });
    slowEnds.resolve();
    expect(started).toEqual(['Slow']);
    const view = states.view().executions[0] as ExecutionView;
    expect(view.states.find(({ name }) => name === 'Slow')?.status).toBe('failed');
    expect(typesOf(await history(execution.executionArn))).toEqual(
      expect.arrayContaining(['ParallelStateFailed', 'TaskStateAborted', 'ExecutionFailed']),
    );
  });
});

describe('executions', () => {
  const waiting = only({ Type: 'Wait', Seconds: 100_000, End: true });

  it('with the same name and input are one while it runs, and refused otherwise', async () => {
    const stateMachineArn = await createMachine(cloud, 'named', waiting);
    const start = (input: string) => call('StartExecution', { stateMachineArn, name: 'one', input });
    const first = await start('{}');
    expect(await start('{}')).toEqual(first);
    await expect(start('{"other":1}')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    await call('StopExecution', { executionArn: first.executionArn });
    await expect(start('{}')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
  });

  it.each([
    [{ name: 'with space' }, 'InvalidName'],
    [{ input: '{' }, 'InvalidExecutionInput'],
    [{ stateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:absent' }, 'StateMachineDoesNotExist'],
  ])('refuses %j with %s', async (input, code) => {
    const stateMachineArn = await createMachine(cloud, 'strict', waiting);
    await expect(call('StartExecution', { stateMachineArn, ...input })).rejects.toMatchObject({ code });
  });

  it('are listed newest first, by status and in pages', async () => {
    const stateMachineArn = await createMachine(cloud, 'listed', only({ Type: 'Succeed' }));
    for (const name of ['a', 'b', 'c']) await call('StartExecution', { stateMachineArn, name });
    const first = await call('ListExecutions', { stateMachineArn, maxResults: 2 });
    const rest = await call('ListExecutions', { stateMachineArn, maxResults: 2, nextToken: first.nextToken });
    expect([...first.executions, ...rest.executions].map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(rest).not.toHaveProperty('nextToken');
    await expect(call('DescribeExecution', { executionArn: `${stateMachineArn}:x` })).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
    });
  });

  it('have a history that is read in pages and backwards', async () => {
    const stateMachineArn = await createMachine(cloud, 'paged', only({ Type: 'Pass', End: true }));
    const { executionArn } = await run(stateMachineArn);
    const first = await call('GetExecutionHistory', { executionArn, maxResults: 3 });
    const rest = await call('GetExecutionHistory', { executionArn, maxResults: 3, nextToken: first.nextToken });
    const forwards = [...first.events, ...rest.events];
    expect(typesOf(forwards)).toEqual([
      'ExecutionStarted',
      'PassStateEntered',
      'PassStateExited',
      'ExecutionSucceeded',
    ]);
    const backwards = await call('GetExecutionHistory', { executionArn, reverseOrder: true });
    expect(backwards.events.reverse()).toEqual(forwards);
  });

  it('announce themselves on the default bus', async () => {
    const events: BusEvent[] = [];
    connectBus(cloud.core, async (event) => {
      events.push(event);
    });
    const { executionArn } = await run(await createMachine(cloud, 'announced', only({ Type: 'Succeed' })), { n: 1 });
    expect(events).toMatchObject([
      { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', detail: { status: 'RUNNING' } },
      { resources: [executionArn], detail: { status: 'SUCCEEDED', input: '{"n":1}', output: '{"n":1}' } },
    ]);
  });

  it('time out as a whole', async () => {
    const arn = await createMachine(cloud, 'bounded', { ...waiting, TimeoutSeconds: 1 });
    const execution = await run(arn);
    expect(execution).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    expect(typesOf(await history(execution.executionArn)).at(-1)).toBe('ExecutionTimedOut');
  });
});

it('substitutes names into a definition that is an asset, and refuses an invalid one at creation', async () => {
  stubFunctions(cloud, { real: () => 'ran' });
  const { ref } = await cloud.create('AWS::StepFunctions::StateMachine', 'Machine', {
    StateMachineName: 'substituted',
    RoleArn: roleArn,
    DefinitionString: JSON.stringify(only({ ...task('x'), Resource: '${Work}' })),
    DefinitionSubstitutions: { Work: functionArn('real') },
  });
  expect((await run(ref)).output).toBe('ran');
  const { End, ...work } = task('x', { Next: 'Nowhere' });
  const broken = createMachine(cloud, 'broken', only(work));
  await expect(broken).rejects.toThrow('broken.Definition: no state is named Nowhere');
});
