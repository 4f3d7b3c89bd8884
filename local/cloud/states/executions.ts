import { randomUUID } from 'node:crypto';
import { type CloudCore, ServiceError } from '../service.ts';
import { Execution } from './execution.ts';
import type { MachineStore } from './machines.ts';
import type { TokenStore } from './tokens.ts';

/** White space, control characters and these are refused in names. */
const badName = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

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
   * Starts an execution, or answers the running one of the same name and input.
   * @throws ServiceError StateMachineDoesNotExist, InvalidName, InvalidExecutionInput, ExecutionAlreadyExists
   */
  start(machineArn: string, wantedName: string | undefined, input: string): Execution {
    const machine = this.#machines.required(machineArn);
    const name = wantedName ?? randomUUID();
    if (name.length === 0 || name.length > 80 || badName.test(name)) {
      throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
    }
    try {
      JSON.parse(input);
    } catch (error) {
      throw new ServiceError(
        'InvalidExecutionInput',
        `Invalid State Machine Execution Input: '${(error as Error).message}'`,
      );
    }
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const existing = this.#executions.get(arn);
    if (existing !== undefined) {
      if (existing.describe().status === 'RUNNING' && existing.input === input) return existing;
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution = new Execution({
      core: this.#core,
      machine,
      name,
      input,
      tokens: this.#tokens,
      executionEnd: (childArn) => this.required(childArn).done,
    });
    this.#executions.set(arn, execution);
    return execution;
  }

  async stop(): Promise<void> {
    await Promise.all(this.list().map((execution) => execution.stop(undefined, 'the twin stops')));
  }
}
