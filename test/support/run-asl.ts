/** Runs state machine files with a handler for each task, and keeps a history as Step Functions does. */
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { readMachineFile } from '#infra/lib/machine-files.ts';
import { exampleValue, fillPlaceholders } from '#infra/lib/placeholders.ts';
import { interpretable, placeStates } from '#local/cloud/states/definition.ts';
import { History } from '#local/cloud/states/history.ts';
import { interpret } from '#local/cloud/states/interpreter.ts';
import { createTime } from '#local/context/time.ts';

/** The fields of the language that tests read. */
export interface AslState {
  readonly Type: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  /** Of a Fail state. */
  readonly Error?: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Branches?: readonly AslStates[];
}
export interface AslStates {
  readonly States: Readonly<Record<string, AslState>>;
}
export type Definition = StateMachineDefinition & AslStates;

// biome-ignore lint/suspicious/noExplicitAny: each task has its own input
export type TaskHandler = (input: any) => object | Promise<object>;

export interface AslRun {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  /** Names of the entered states. */
  readonly path: readonly string[];
}

/** `$$.Execution.StartTime`. */
export const executionStart = '2026-01-01T00:00:00.000Z';
export const executionArn = 'arn:aws:states:us-east-1:123456789012:execution:stepkube-machine:run';

/** Retries and waits take no time. */
const instantly = createTime(1e9);

/** The file with an example value for each placeholder. */
export function readMachine(name: string): Definition {
  return fillPlaceholders(readMachineFile(name), exampleValue) as Definition;
}

/** Every state of the machine, those of branches included. */
export function statesOf(machine: AslStates): [string, AslState][] {
  return Object.entries(machine.States).flatMap(([name, state]) => [
    [name, state] as [string, AslState],
    ...(state.Branches ?? []).flatMap(statesOf),
  ]);
}

/**
 * Runs a definition in the twin's interpreter (contracts.test.ts validates the files). A task without a handler returns {}; retries do not wait.
 * @param handlers by state name; the second argument is the history so far, in the form of GetExecutionHistory
 */
export async function runAsl(
  machine: Definition,
  input: object,
  handlers: Readonly<Record<string, (input: never, history: readonly object[]) => object | Promise<object>>>,
): Promise<AslRun> {
  const history = new History(placeStates(machine));
  history.started(JSON.stringify(input), 'role');
  const events = () => history.events.map(({ details, ...event }) => ({ ...event, ...details }));
  const tasks = statesOf(machine).filter(([, { Type }]) => Type === 'Task');
  const attempt = async (name: string, state: AslState, taskInput: unknown) => {
    await new Promise(setImmediate); // lets the interpreter report the state's entry first
    const kind = state.Resource?.includes(':lambda:us-east-1') ? 'LambdaFunction' : 'Task';
    const inputMember = kind === 'Task' ? 'parameters' : 'input';
    const timeoutInSeconds = state.TimeoutSeconds;
    const scheduled = { resource: state.Resource, [inputMember]: JSON.stringify(taskInput), timeoutInSeconds };
    history.task(name, `${kind}Scheduled`, scheduled);
    try {
      const output = (await handlers[name]?.(taskInput as never, events())) ?? {};
      history.task(name, `${kind}Succeeded`, { output: JSON.stringify(output) });
      return output;
    } catch (error) {
      const { name: error_, message } = error as Error;
      if (error_ === 'States.Timeout') history.task(name, `${kind}TimedOut`, { error: error_ });
      else history.task(name, `${kind}Failed`, { error: error_, cause: message });
      throw error;
    }
  };
  const path: string[] = [];
  const { outcome } = interpret({
    definition: interpretable(machine, instantly),
    input: structuredClone(input),
    context: {
      Task: { Token: 'token' },
      Execution: { Id: executionArn, Name: 'run', StartTime: executionStart },
    },
    tasks: Object.fromEntries(
      tasks.map(([name, state]) => [name, (taskInput: unknown) => attempt(name, state, taskInput)]),
    ),
    onTransition: (event) => {
      history.transition(event);
      if (event.type === 'StateEntered') path.push(event.state.name);
    },
  });
  const { status, ...result } = await outcome;
  if (status !== 'SUCCEEDED' && status !== 'FAILED') throw new Error(`the execution ended with ${status}`);
  return { status, ...result, path };
}

/** What Step Functions makes of an error that a Lambda function throws. */
export function lambdaError(errorType: string, errorMessage: string): Error {
  const cause = JSON.stringify({ errorType, errorMessage, trace: [`${errorType}: ${errorMessage}`, '    at handler'] });
  return Object.assign(new Error(cause), { name: errorType });
}

/** What startExecution.sync:2 makes of a child that did not succeed. */
export function childError(child: {
  readonly Status: string;
  readonly Error?: string;
  readonly Cause?: string;
}): Error {
  const description = {
    ExecutionArn: 'arn:aws:states:us-east-1:123456789012:execution:stepkube-run-command:child',
    StateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:stepkube-run-command',
    Name: 'child',
    Input: JSON.stringify({ documentName: 'stepkube-x' }),
    InputDetails: { Included: true },
    StartDate: 1795348800000,
    StopDate: 1795348860000,
    ...child,
  };
  return Object.assign(new Error(JSON.stringify(description)), { name: 'States.TaskFailed' });
}

/** An error of the service itself, with its plain text. */
export function serviceError(name: string, cause: string): Error {
  return Object.assign(new Error(cause), { name });
}

/** Throws the errors one after the other, then returns the result. */
export function failing(errors: readonly Error[], result: object = {}): TaskHandler {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return result;
  };
}

/** As many errors as a task is retried, and more. */
export function repeated(count: number, error: () => Error): Error[] {
  return Array.from({ length: count }, error);
}
