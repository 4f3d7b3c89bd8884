import { randomUUID } from 'node:crypto';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { Execution, executionArnOf } from './execution.ts';
import type { MachineStore } from './machine-store.ts';
import type { TokenStore } from './token-store.ts';

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const forbiddenInNames = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;
const maxNameLength = 80;

export class ExecutionStore {
  readonly #core: CloudCore;
  readonly #machines: MachineStore;
  readonly #tokens: TokenStore;
  readonly #executions = new Map<string, Execution>();

  constructor(core: CloudCore, machines: MachineStore, tokens: TokenStore) {
    this.#core = core;
    this.#machines = machines;
    this.#tokens = tokens;
  }

  /** Oldest first. */
  list(): readonly Execution[] {
    return [...this.#executions.values()];
  }

  /** @throws ServiceError ExecutionDoesNotExist */
  required(arn: string): Execution {
    const execution = this.#executions.get(arn);
    if (execution === undefined) {
      throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    }
    return execution;
  }

  /**
   * Starts an execution, or returns the running one of the same name and input.
   * @param name @default a random one
   * @throws ServiceError StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists
   */
  start(machineArn: string, name: string = randomUUID(), input = '{}'): Execution {
    const machine = this.#machines.required(machineArn);
    checkName(name);
    checkInput(input);
    const arn = executionArnOf(machine, name);
    const existing = this.#executions.get(arn);
    if (existing !== undefined) {
      if (existing.isRunning && existing.input === input) return existing;
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution = new Execution({
      core: this.#core,
      machine,
      name,
      input,
      tokens: this.#tokens,
      executionEnd: (executionArn) => this.required(executionArn).done,
    });
    this.#executions.set(arn, execution);
    return execution;
  }

  async stop(): Promise<void> {
    await Promise.all(this.list().map((execution) => execution.stop(undefined, 'the twin stops')));
  }
}

function checkName(name: string): void {
  if (name.length === 0 || name.length > maxNameLength || forbiddenInNames.test(name)) {
    throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
  }
}

function checkInput(input: string): void {
  try {
    JSON.parse(input);
  } catch (error) {
    const { message } = error as Error;
    throw new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${message}'`);
  }
}
