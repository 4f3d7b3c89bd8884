import { readFileSync } from 'node:fs';
import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';

/** As much of the language as tests look into. */
export interface AslState {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Branches?: readonly AslStates[];
}
export interface AslStates {
  readonly States: Readonly<Record<string, AslState>>;
}

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

export function machineText(name: string): string {
  return readFileSync(`state-machines/${name}.asl.json`, 'utf8');
}

/** The file with an ARN (or a document's name) for each placeholder. */
export function readMachine(name: string): StateMachineDefinition & AslStates {
  const filled = machineText(name).replace(/\$\{(\w+)\}/g, (_match, placeholder: string) =>
    placeholder.endsWith('Document') ? placeholder : `arn:aws:lambda:us-east-1:123456789012:function:${placeholder}`,
  );
  return JSON.parse(filled);
}

/** Every state of the machine, those of branches included. */
export function statesOf(machine: AslStates): [string, AslState][] {
  return Object.entries(machine.States).flatMap(([name, state]) => [
    [name, state] as [string, AslState],
    ...(state.Branches ?? []).flatMap(statesOf),
  ]);
}

/** Runs the real file (contracts.test.ts validates it); a task without a handler answers {}. Retries do not wait. */
export async function runAsl(
  name: string,
  input: object,
  handlers: Readonly<Record<string, TaskHandler>>,
): Promise<AslRun> {
  const machine = readMachine(name);
  const tasks = statesOf(machine).flatMap(([state, { Type }]) => (Type === 'Task' ? [state] : []));
  const execution = new StateMachine(machine, { validationOptions: { noValidate: true } }).run(
    structuredClone(input) as never,
    {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(
          tasks.map((state) => [state, (taskInput) => (handlers[state]?.(taskInput) ?? {}) as never]),
        ),
        retryIntervalOverrides: Object.fromEntries(tasks.map((state) => [state, 0])),
      },
      context: { Task: { Token: 'token' } } as never,
    },
  );
  const path: string[] = [];
  const recording = (async () => {
    for await (const event of execution.eventLogs) if (event.type === 'StateEntered') path.push(event.state.name);
  })();
  try {
    const output = await execution.result;
    await recording;
    return { status: 'SUCCEEDED', output, path };
  } catch (failure) {
    if (!(failure instanceof ExecutionError)) throw failure;
    const { name: error, message } = failure.cause as Error;
    return { status: 'FAILED', error, cause: message, path };
  }
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
    Input: JSON.stringify({ documentName: 'stepkube-x', parameters: {} }),
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

/** Throws the errors one after the other, then answers. */
export function failing(errors: readonly Error[], answer: object = {}): TaskHandler {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return answer;
  };
}
