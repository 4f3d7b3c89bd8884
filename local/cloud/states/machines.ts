import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { type CloudCore, type ResourceProvider, ServiceError, type TemplateResource } from '../service.ts';
import { danglingTargets, type PlacedState, placeStates } from './definition.ts';

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** The definition's own text, with the template's substitutions made. */
  readonly definitionText: string;
  readonly definition: StateMachineDefinition;
  readonly states: ReadonlyMap<string, PlacedState>;
  readonly createdAt: Date;
}

export class MachineStore {
  readonly #machines = new Map<string, Machine>();

  add(machine: Machine): void {
    this.#machines.set(machine.arn, machine);
  }

  list(): readonly Machine[] {
    return [...this.#machines.values()];
  }

  /** @throws ServiceError StateMachineDoesNotExist */
  required(arn: string): Machine {
    const machine = this.#machines.get(arn);
    if (machine === undefined) {
      throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    }
    return machine;
  }
}

export function machineProvider(core: CloudCore, store: MachineStore): ResourceProvider {
  return { type: 'AWS::StepFunctions::StateMachine', create: (resource) => createMachine(core, store, resource) };
}

function createMachine(core: CloudCore, store: MachineStore, { logicalId, properties }: TemplateResource) {
  const name = properties.StateMachineName ?? physicalName(logicalId);
  const arn = `arn:aws:states:${core.region}:${core.accountId}:stateMachine:${name}`;
  const definitionText = substitute(definitionTextOf(core, properties), properties.DefinitionSubstitutions ?? {});
  const definition = JSON.parse(definitionText) as StateMachineDefinition;
  const lost = danglingTargets(definition);
  if (lost.length > 0) throw new Error(`${logicalId}.Definition: no state is named ${lost.join(', ')}`);
  const states = placeStates(definition);
  store.add({ arn, name, roleArn: properties.RoleArn, definitionText, definition, states, createdAt: new Date() });
  return { ref: arn, attributes: { Arn: arn, Name: name } };
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation properties
function definitionTextOf(core: CloudCore, properties: any): string {
  if (properties.DefinitionString !== undefined) return properties.DefinitionString;
  if (properties.Definition !== undefined) return JSON.stringify(properties.Definition);
  const { Bucket, Key } = properties.DefinitionS3Location;
  return readFileSync(core.assetPath(Bucket, Key), 'utf8');
}

function substitute(text: string, values: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (placeholder, name: string) =>
    name in values ? String(values[name]) : placeholder,
  );
}

function physicalName(logicalId: string): string {
  return `${logicalId}-${createHash('sha256').update(logicalId).digest('hex').slice(0, 12)}`;
}
