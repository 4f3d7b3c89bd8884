import { describe, expect, it } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { createMachine, named, stubFunctions } from '#support/state-machines.ts';
import { createStatesCloud, onlyState, type StatesCloud, taskState, typesOf } from '#support/states-cloud.ts';

const waitState = { Type: 'Wait', Seconds: 100_000, End: true };

describe('states:startExecution', () => {
  /** A machine that starts the child with its own input. @param pattern '', '.sync' or '.sync:2' */
  function parentOf({ cloud }: StatesCloud, pattern: string, childArn: string) {
    const Resource = `arn:aws:states:::states:startExecution${pattern}`;
    const Parameters = { StateMachineArn: childArn, 'Input.$': '$' };
    return createMachine(cloud, 'parent', onlyState(taskState('', { Resource, Parameters })));
  }

  it('startExecution.sync:2 returns the description of the child with parsed input and output', async () => {
    await using machines = await createStatesCloud();
    const pass = { Type: 'Pass', Result: { ok: true }, End: true };
    const child = await createMachine(machines.cloud, 'child', onlyState(pass));
    const execution = await machines.run(await parentOf(machines, '.sync:2', child), { n: 1 });
    expect(execution.output).toMatchObject({
      Status: 'SUCCEEDED',
      StateMachineArn: child,
      Input: { n: 1 },
      Output: { ok: true },
    });
  });

  it('startExecution.sync:2 fails with States.TaskFailed and the description of the failed child as cause', async () => {
    await using machines = await createStatesCloud();
    const fail = { Type: 'Fail', Error: 'CommandFailed', Cause: 'install-runtime on i-1 failed (exit 1)' };
    const child = await createMachine(machines.cloud, 'failing-child', onlyState(fail));
    const execution = await machines.run(await parentOf(machines, '.sync:2', child), { n: 1 });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(execution.cause)).toMatchObject({
      Status: 'FAILED',
      Error: 'CommandFailed',
      Cause: 'install-runtime on i-1 failed (exit 1)',
      Input: '{"n":1}',
    });
  });

  it('startExecution.sync:2 fails with States.Timeout and no cause when the child timed out', async () => {
    await using machines = await createStatesCloud();
    const child = await createMachine(machines.cloud, 'slow-child', { ...onlyState(waitState), TimeoutSeconds: 1 });
    const execution = await machines.run(await parentOf(machines, '.sync:2', child), { n: 1 });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: '' });
    expect(await machines.historyTypes(execution.executionArn)).toContain('TaskTimedOut');
  });

  it('startExecution without a pattern does not wait for the child', async () => {
    await using machines = await createStatesCloud();
    const child = await createMachine(machines.cloud, 'long-child', onlyState(waitState));
    const { output } = await machines.run(await parentOf(machines, '', child));
    const described = await machines.call('DescribeExecution', { executionArn: output.ExecutionArn });
    expect(described.status).toBe('RUNNING');
  });

  it('StopExecution of the parent stops the child', async () => {
    await using machines = await createStatesCloud();
    const { cloud, call, ended, historyTypes } = machines;
    const child = await createMachine(cloud, 'stopped-child', onlyState(waitState));
    const stateMachineArn = await parentOf(machines, '.sync:2', child);
    const { executionArn } = await call('StartExecution', { stateMachineArn });
    await eventually(async () => expect(await historyTypes(executionArn)).toContain('TaskSubmitted'));
    await call('StopExecution', { executionArn, error: 'ByHand', cause: 'enough' });
    expect(await ended(executionArn)).toMatchObject({ status: 'ABORTED', error: 'ByHand', cause: 'enough' });
    const { executions } = await call('ListExecutions', { stateMachineArn: child });
    expect(await ended(executions[0].executionArn)).toMatchObject({ status: 'ABORTED' });
  });
});

describe('Parallel states', () => {
  const branch = (name: string) => ({ StartAt: name, States: { [name]: taskState(name) } });
  const parallel = (...Branches: object[]) => onlyState({ Type: 'Parallel', Branches, End: true });

  it('history events of a Parallel branch are linked to the events of their branch, and the view shows nested states', async () => {
    await using machines = await createStatesCloud();
    const { cloud, states, run, history } = machines;
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
    const view = states.view().executions[0]!.states.map(({ name, status }) => `${name} ${status}`);
    expect(view.sort()).toEqual(['A succeeded', 'B succeeded', 'Inner succeeded', 'Work succeeded']);
  });

  it('a failed Parallel branch aborts the tasks of the other branches and starts no further ones', async () => {
    await using machines = await createStatesCloud();
    const { cloud, states, run, historyTypes } = machines;
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
    const { End, ...slow } = taskState('Slow', { Next: 'Later' });
    const chain = { StartAt: 'Slow', States: { Slow: slow, Later: taskState('Later') } };
    const execution = await run(await createMachine(cloud, 'aborting', parallel(branch('Bad'), chain)));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'BadError' });
    slowEnds.resolve();
    expect(started).toEqual(['Slow']);
    const view = states.view().executions[0]!;
    expect(view.states.find(({ name }) => name === 'Slow')?.status).toBe('failed');
    expect(await historyTypes(execution.executionArn)).toEqual(
      expect.arrayContaining(['ParallelStateFailed', 'TaskStateAborted', 'ExecutionFailed']),
    );
  });
});
