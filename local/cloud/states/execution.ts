import type { ExecutionView } from '#local/contracts/views.ts';
import type { CloudCore } from '../service.ts';
import { interpretable } from './definition.ts';
import { History } from './history.ts';
import type { Outcome } from './interpreter.ts';
import type { Machine } from './machine-store.ts';
import { Progress } from './progress.ts';
import { TaskAttempts } from './task-attempts.ts';
import type { TokenStore } from './token-store.ts';

export interface ExecutionOptions {
  readonly core: CloudCore;
  readonly machine: Machine;
  readonly name: string;
  /** JSON text */
  readonly input: string;
  readonly tokens: TokenStore;
  /** Settles when another execution has ended. */
  readonly executionEnd: (executionArn: string) => Promise<void>;
}

/** How the names of history events spell a status. */
const eventSuffixes = { FAILED: 'Failed', ABORTED: 'Aborted' } as const;

/** One execution of a state machine. It starts when it is created. */
export class Execution {
  readonly arn: string;
  readonly machine: Machine;
  readonly name: string;
  readonly input: string;
  readonly startedAt = new Date();
  readonly history: History;
  /** Settles when the execution has ended. Never rejects. */
  readonly done: Promise<void>;
  readonly #core: CloudCore;
  readonly #progress: Progress;
  readonly #attempts: TaskAttempts;
  readonly #abort: () => void;
  #status: ExecutionView['status'] = 'RUNNING';
  #stoppedAt: Date | undefined;
  #output: string | undefined;
  #error: string | undefined;
  #cause: string | undefined;

  constructor({ core, machine, name, input, tokens, executionEnd }: ExecutionOptions) {
    this.#core = core;
    this.machine = machine;
    this.name = name;
    this.input = input;
    this.arn = executionArnOf(machine, name);
    this.history = new History(machine.states);
    this.#progress = new Progress(machine.states);
    this.#attempts = new TaskAttempts({
      core,
      machine,
      tokens,
      executionEnd,
      record: (stateName, type, details) => this.history.task(stateName, type, details),
    });
    this.history.started(input, machine.roleArn);
    const run = machine.interpret({
      definition: interpretable(machine.definition, core.context.time),
      input: JSON.parse(input),
      context: {
        Execution: {
          Id: this.arn,
          Name: name,
          RoleArn: machine.roleArn,
          StartTime: new Date(core.context.time.now()).toISOString(),
          RedriveCount: 0,
        },
        StateMachine: { Id: machine.arn, Name: machine.name },
        Task: this.#attempts.taskContext,
      },
      tasks: this.#attempts.handlers(),
      onTransition: (event) => {
        this.#attempts.transition(event);
        this.history.transition(event);
        this.#progress.transition(event);
        core.context.changed();
      },
    });
    this.#abort = run.abort;
    this.done = run.outcome.then((outcome) => this.#end(outcome));
    this.#publishStatus();
  }

  get isRunning(): boolean {
    return this.#status === 'RUNNING';
  }

  /** StopExecution. Settles when the execution has ended. */
  async stop(error: string | undefined, cause: string | undefined): Promise<void> {
    if (!this.isRunning) return;
    this.#error = error;
    this.#cause = cause;
    this.#attempts.stop();
    this.#abort();
    await this.done;
  }

  /** The output of DescribeExecution. */
  describe() {
    return {
      executionArn: this.arn,
      stateMachineArn: this.machine.arn,
      name: this.name,
      status: this.#status,
      startDate: this.startedAt.getTime() / 1000,
      ...(this.#stoppedAt === undefined ? {} : { stopDate: this.#stoppedAt.getTime() / 1000 }),
      input: this.input,
      inputDetails: { included: true },
      ...(this.#output === undefined ? {} : { output: this.#output, outputDetails: { included: true } }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(this.#cause === undefined ? {} : { cause: this.#cause }),
      redriveCount: 0,
      redriveStatus: this.#status === 'RUNNING' || this.#status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    };
  }

  view(): ExecutionView {
    return {
      arn: this.arn,
      machine: this.machine.name,
      name: this.name,
      status: this.#status,
      startedAt: this.startedAt.toISOString(),
      ...(this.#stoppedAt === undefined ? {} : { stoppedAt: this.#stoppedAt.toISOString() }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(this.#cause === undefined ? {} : { cause: this.#cause }),
      input: JSON.parse(this.input),
      definition: this.machine.definition,
      states: this.#progress.view(),
    };
  }

  #end(outcome: Outcome): void {
    this.#attempts.stop();
    if (outcome.status === 'SUCCEEDED') {
      this.#output = JSON.stringify(outcome.output) ?? 'null';
      this.history.succeeded(this.#output);
    } else if (outcome.status === 'TIMED_OUT') {
      // The error is in the history only.
      this.history.timedOut();
      this.#progress.failRunning();
    } else {
      this.#error ??= outcome.error;
      this.#cause ??= outcome.cause;
      this.history.ended(eventSuffixes[outcome.status], this.#error, this.#cause);
      this.#progress.failRunning();
    }
    this.#stoppedAt = new Date();
    this.#status = outcome.status;
    this.#core.context.changed();
    this.#publishStatus();
  }

  /** https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
  #publishStatus(): void {
    const { startDate, stopDate, ...description } = this.describe();
    const milliseconds = (seconds: number | undefined) => (seconds === undefined ? null : Math.round(seconds * 1000));
    void this.#core.eventBus.publish({
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [this.arn],
      detail: { output: null, ...description, startDate: milliseconds(startDate), stopDate: milliseconds(stopDate) },
    });
  }
}

export function executionArnOf(machine: Machine, name: string): string {
  return `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
}
