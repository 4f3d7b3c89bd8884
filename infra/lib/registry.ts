import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { type PlaceholderValue, pascalCase, placeholderKind } from './placeholders.ts';

export interface RegisteredFunction {
  readonly resource: IFunction;
  /** How long a task waits for the function. */
  readonly timeoutSeconds: number;
}

export interface RegisteredMachine {
  readonly resource: IStateMachine;
  /** Physical name. */
  readonly name: string;
  /** How long a task waits for an execution of the machine. */
  readonly timeoutSeconds: number;
}

/** Something with a folder or a file of its own was not made, or something that was made is used nowhere. */
export class IncompleteRegistryError extends Error {
  override readonly name = 'IncompleteRegistryError';
}

/**
 * What a cluster's state machines can name. Functions, documents and machines are known by the name of their folder or file:
 * `set-worker-capacity` is the placeholder `${SetWorkerCapacity}`, `join-node` is `${JoinNodeDocument}` or
 * `${JoinNodeMachine}`. `${SetWorkerCapacityTimeoutSeconds}` is how long a task waits for it.
 */
export class Registry {
  readonly #functions = new Map<string, RegisteredFunction>();
  readonly #machines = new Map<string, RegisteredMachine>();
  /** Physical names. */
  readonly #documents = new Map<string, string>();
  readonly #values = new Map<string, number | object>();
  readonly #used = new Set<string>();

  addFunction(folder: string, entry: RegisteredFunction): void {
    this.#functions.set(pascalCase(folder), entry);
  }

  addMachine(file: string, entry: RegisteredMachine): void {
    this.#machines.set(`${pascalCase(file)}Machine`, entry);
  }

  addDocument(folder: string, physicalName: string): void {
    this.#documents.set(`${pascalCase(folder)}Document`, physicalName);
  }

  /** @param placeholder ends with `TimeoutSeconds` for a number, with `Settings` for an object */
  addValue(placeholder: string, value: number | object): void {
    this.#values.set(placeholder, value);
  }

  has(placeholder: string): boolean {
    return (
      this.#values.has(placeholder) || this.#documents.has(placeholder) || this.#waitedFor(placeholder) !== undefined
    );
  }

  /** @returns the value of a placeholder for which `has` is true. */
  value(placeholder: string): PlaceholderValue {
    this.#used.add(placeholder);
    const value = this.#values.get(placeholder) ?? this.#documents.get(placeholder);
    if (value !== undefined) return value;
    const target = this.#waitedFor(placeholder)!;
    if (placeholderKind(placeholder) === 'seconds') return target.timeoutSeconds;
    return 'name' in target ? target.resource.stateMachineArn : target.resource.functionArn;
  }

  /** @returns the function that a placeholder stands for, if it stands for one. */
  functionOf(placeholder: string): RegisteredFunction | undefined {
    return this.#functions.get(placeholder);
  }

  machineOf(placeholder: string): RegisteredMachine | undefined {
    return this.#machines.get(placeholder);
  }

  /** @returns a function that a rule invokes. @throws IncompleteRegistryError if it was not made before */
  function(folder: string): RegisteredFunction {
    this.#used.add(pascalCase(folder));
    return required(this.#functions.get(pascalCase(folder)), `the function ${folder}`);
  }

  /** @returns a machine that a rule or a function starts. @throws IncompleteRegistryError if it was not made before */
  machine(file: string): RegisteredMachine {
    return required(this.#machines.get(`${pascalCase(file)}Machine`), `the state machine ${file}`);
  }

  /**
   * @param expected what has a folder or file, by name
   * @throws IncompleteRegistryError naming what was not made, and what neither a machine names nor a rule uses
   */
  assertComplete(expected: { readonly functions: readonly string[]; readonly machines: readonly string[] }): void {
    const missing = [
      ...expected.functions
        .filter((folder) => !this.#functions.has(pascalCase(folder)))
        .map((name) => `lambdas/${name}`),
      ...expected.machines
        .filter((file) => !this.#machines.has(`${pascalCase(file)}Machine`))
        .map((name) => `state-machines/${name}.asl.json`),
    ];
    const made = [...this.#functions.keys(), ...this.#documents.keys(), ...this.#values.keys()];
    const unused = made.filter((placeholder) => !this.#used.has(placeholder));
    const problems = [
      ...missing.map((path) => `${path} exists, but infra does not create it`),
      ...unused.map((placeholder) => `\${${placeholder}} is registered, but no state machine or rule uses it`),
    ];
    if (problems.length > 0) throw new IncompleteRegistryError(problems.join('; '));
  }

  /** The function or machine behind `${X}` and `${XTimeoutSeconds}`. */
  #waitedFor(placeholder: string): RegisteredFunction | RegisteredMachine | undefined {
    const target = placeholder.replace(/TimeoutSeconds$/, '');
    return this.#functions.get(target) ?? this.#machines.get(target);
  }
}

function required<Entry>(entry: Entry | undefined, what: string): Entry {
  if (entry === undefined) throw new IncompleteRegistryError(`${what} is used before it is created`);
  return entry;
}
