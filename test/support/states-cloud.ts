import { expect } from 'vitest';
import { createStatesModule, type StatesModule } from '#local/cloud/states/module.ts';
import { eventually } from './eventually.ts';
import { createFakeCloud, type FakeCloud } from './fake-cloud.ts';
import { functionArn } from './state-machines.ts';

interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
}

/** A fake cloud with Step Functions, and what tests of executions ask of it. */
export interface StatesCloud extends AsyncDisposable {
  readonly cloud: FakeCloud;
  readonly states: StatesModule;
  call(operation: string, input: object): ReturnType<FakeCloud['call']>;
  /** Starts an execution and waits for its end. @returns the output of DescribeExecution, `output` parsed */
  run(stateMachineArn: string, input?: object): ReturnType<FakeCloud['call']>;
  /** Waits for the end of an execution. @returns as `run` */
  ended(executionArn: string): ReturnType<FakeCloud['call']>;
  history(executionArn: string): Promise<readonly HistoryEvent[]>;
  /** Types of the history's events. */
  historyTypes(executionArn: string): Promise<readonly string[]>;
}

export async function createStatesCloud(): Promise<StatesCloud> {
  const cloud = await createFakeCloud();
  const states = createStatesModule(cloud.core);
  cloud.add(states);
  const call: StatesCloud['call'] = (operation, input) => cloud.call('states', operation, input);
  const ended: StatesCloud['ended'] = (executionArn) =>
    eventually(async () => {
      const execution = await call('DescribeExecution', { executionArn });
      expect(execution.status).not.toBe('RUNNING');
      return execution.output === undefined ? execution : { ...execution, output: JSON.parse(execution.output) };
    });
  const history = async (executionArn: string): Promise<readonly HistoryEvent[]> =>
    (await call('GetExecutionHistory', { executionArn })).events;
  return {
    cloud,
    states,
    call,
    ended,
    history,
    historyTypes: async (executionArn) => typesOf(await history(executionArn)),
    async run(stateMachineArn, input = {}) {
      const { executionArn } = await call('StartExecution', { stateMachineArn, input: JSON.stringify(input) });
      return ended(executionArn);
    },
    [Symbol.asyncDispose]: () => cloud.stop(),
  };
}

export const typesOf = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

/** A Task state that invokes a function and ends. */
export const taskState = (functionName: string, more: object = {}) => ({
  Type: 'Task',
  Resource: functionArn(functionName),
  TimeoutSeconds: 10,
  End: true,
  ...more,
});

/** A definition with the one state `Work`. */
export const onlyState = (state: object) => ({ StartAt: 'Work', States: { Work: state } });
