/** Runs definitions with aws-local-stepfunctions, which no other file calls. */
import type { StateMachine as Interpreter, RunOptions, StateMachineDefinition } from 'aws-local-stepfunctions';
import { fixedMark, fixInterpreter } from './interpreter-fixes.ts';

fixInterpreter();
const library = await import('aws-local-stepfunctions');
if (!(fixedMark in library)) throw new Error('aws-local-stepfunctions was imported before interpreter.ts');

type JsonValue = Parameters<Interpreter['run']>[0];
export type InterpreterEvent =
  ReturnType<Interpreter['run']>['eventLogs'] extends AsyncGenerator<infer Event> ? Event : never;
export type TaskHandler = (input: unknown) => Promise<unknown>;

export type Outcome =
  | { readonly status: 'SUCCEEDED'; readonly output: unknown }
  | { readonly status: 'FAILED' | 'ABORTED'; readonly error?: string; readonly cause?: string }
  | { readonly status: 'TIMED_OUT' };

export type Interpret = typeof interpret;

export interface InterpreterOptions {
  readonly definition: StateMachineDefinition;
  readonly input: unknown;
  /** The context object, `$$`. */
  readonly context: Readonly<Record<string, unknown>>;
  /** By state name; each is called once per attempt. */
  readonly tasks: Readonly<Record<string, TaskHandler>>;
  readonly onTransition: (event: InterpreterEvent) => void;
}

/** @throws Error naming every fault when it is not valid Amazon States Language */
export function assertValid(definition: StateMachineDefinition): void {
  new library.StateMachine(definition);
}

export function interpret({ definition, input, context, tasks, onTransition }: InterpreterOptions) {
  const options: RunOptions = {
    context,
    overrides: {
      taskResourceLocalHandlers: tasks as NonNullable<RunOptions['overrides']>['taskResourceLocalHandlers'] & object,
    },
  };
  // Validation would refuse the fractions that scaled seconds are.
  const run = new library.StateMachine(definition, { validationOptions: { noValidate: true } }).run(
    input as JsonValue,
    options,
  );
  const result = run.result.then(
    (output): Outcome => ({ status: 'SUCCEEDED', output }),
    (error: unknown): Outcome => failureOf(error),
  );
  const transitions = (async () => {
    for await (const event of run.eventLogs) onTransition(event);
  })();
  return {
    abort: run.abort,
    outcome: Promise.all([result, transitions]).then(([outcome]) => outcome),
  };
}

function failureOf(error: unknown): Outcome {
  if (error instanceof library.ExecutionAbortedError) return { status: 'ABORTED' };
  if (error instanceof library.ExecutionTimeoutError) return { status: 'TIMED_OUT' };
  const { name, message } = (error as Error).cause as Error;
  return { status: 'FAILED', error: name, cause: message };
}
