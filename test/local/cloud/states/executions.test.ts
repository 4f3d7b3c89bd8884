import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BusEvent } from '#local/cloud/events/bus.ts';
import { createMachine, functionArn, roleArn, stubFunctions } from '#support/state-machines.ts';
import { createStatesCloud, onlyState, type StatesCloud, taskState, typesOf } from '#support/states-cloud.ts';

let machines: StatesCloud;

beforeEach(async () => {
  machines = await createStatesCloud();
});

afterEach(() => machines[Symbol.asyncDispose]());

const waiting = onlyState({ Type: 'Wait', Seconds: 100_000, End: true });

describe('StartExecution', () => {
  it('StartExecution returns the running execution of the same name and input, and refuses the name otherwise', async () => {
    const { cloud, call } = machines;
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
  ])('StartExecution refuses %j with %s', async (input, code) => {
    const stateMachineArn = await createMachine(machines.cloud, 'strict', waiting);
    await expect(machines.call('StartExecution', { stateMachineArn, ...input })).rejects.toMatchObject({ code });
  });
});

describe('executions', () => {
  it('ListExecutions returns the newest first, in pages', async () => {
    const { cloud, call } = machines;
    const stateMachineArn = await createMachine(cloud, 'listed', onlyState({ Type: 'Succeed' }));
    for (const name of ['a', 'b', 'c']) await call('StartExecution', { stateMachineArn, name });
    const first = await call('ListExecutions', { stateMachineArn, maxResults: 2 });
    const rest = await call('ListExecutions', { stateMachineArn, maxResults: 2, nextToken: first.nextToken });
    expect([...first.executions, ...rest.executions].map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(rest).not.toHaveProperty('nextToken');
    await expect(call('DescribeExecution', { executionArn: `${stateMachineArn}:x` })).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
    });
  });

  it('GetExecutionHistory returns the events in pages and in reverse order', async () => {
    const { cloud, call, run } = machines;
    const stateMachineArn = await createMachine(cloud, 'paged', onlyState({ Type: 'Pass', End: true }));
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

  it('an execution publishes its status changes on the default bus', async () => {
    const { cloud, run } = machines;
    const events: BusEvent[] = [];
    cloud.core.eventBus.connect(async (event) => {
      events.push(event);
    });
    const { executionArn } = await run(await createMachine(cloud, 'published', onlyState({ Type: 'Succeed' })), {
      n: 1,
    });
    expect(events).toMatchObject([
      { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', detail: { status: 'RUNNING' } },
      { resources: [executionArn], detail: { status: 'SUCCEEDED', input: '{"n":1}', output: '{"n":1}' } },
    ]);
  });

  it('an execution is TIMED_OUT after the TimeoutSeconds of its machine', async () => {
    const { cloud, run, history } = machines;
    const execution = await run(await createMachine(cloud, 'bounded', { ...waiting, TimeoutSeconds: 1 }));
    expect(execution).toMatchObject({ status: 'TIMED_OUT', redriveStatus: 'REDRIVABLE' });
    // AWS names the error in the history only, in an event that is linked to no other.
    expect(execution).not.toHaveProperty('error');
    expect((await history(execution.executionArn)).at(-1)).toMatchObject({
      type: 'ExecutionTimedOut',
      previousEventId: 0,
      executionTimedOutEventDetails: { error: 'States.Timeout' },
    });
  });
});

describe('AWS::StepFunctions::StateMachine', () => {
  it('DefinitionSubstitutions replace placeholders of the definition', async () => {
    const { cloud, run } = machines;
    stubFunctions(cloud, { real: () => 'ran' });
    const { ref } = await cloud.create('AWS::StepFunctions::StateMachine', 'Machine', {
      StateMachineName: 'substituted',
      RoleArn: roleArn,
      DefinitionString: JSON.stringify(onlyState({ ...taskState('x'), Resource: '${Work}' })),
      DefinitionSubstitutions: { Work: functionArn('real') },
    });
    expect((await run(ref)).output).toBe('ran');
  });

  it('a definition with a transition to a missing state is refused', async () => {
    const { End, ...work } = taskState('x', { Next: 'Missing' });
    const broken = createMachine(machines.cloud, 'broken', onlyState(work));
    await expect(broken).rejects.toThrow('Definition: no state is named Missing');
  });
});
