import { readFileSync } from 'node:fs';
import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { physicalName } from '../physical-name.ts';
import { InvalidPropertyError, provider, type ResourceProvider } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { missingTargets, type PlacedState, placeStates } from './definition.ts';
import type { Interpret } from './interpreter.ts';

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  /** The definition as text, after the template's substitutions. */
  readonly definitionText: string;
  readonly definition: StateMachineDefinition;
  /** By state name, nested states included. */
  readonly states: ReadonlyMap<string, PlacedState>;
  readonly createdAt: Date;
  /** Runs the definition. */
  readonly interpret: Interpret;
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

const maxMachineNameLength = 80;

/** The definition is given in one of three ways. */
const machineProperties = z
  .object({
    StateMachineName: z.string(),
    RoleArn: z.string(),
    DefinitionString: z.string(),
    Definition: z.record(z.string(), z.unknown()),
    DefinitionS3Location: z.object({ Bucket: z.string(), Key: z.string() }),
    DefinitionSubstitutions: z.record(z.string(), z.coerce.string()),
  })
  .partial()
  .required({ RoleArn: true });

export function machineProvider(core: CloudCore, store: MachineStore): ResourceProvider {
  return provider('AWS::StepFunctions::StateMachine', machineProperties, async ({ logicalId, properties }) => {
    const name = properties.StateMachineName ?? physicalName(core.options.stackName, logicalId, maxMachineNameLength);
    const arn = arnOf(core, 'states', `stateMachine:${name}`);
    const definitionText = substitute(definitionTextOf(core, properties), properties.DefinitionSubstitutions ?? {});
    const definition: StateMachineDefinition = JSON.parse(definitionText);
    const missing = missingTargets(definition);
    if (missing.length > 0) throw new InvalidPropertyError(`Definition: no state is named ${missing.join(', ')}`);
    // Loaded with the first machine: it takes a quarter of a second, which a template without machines need not wait.
    const { interpret } = await import('./interpreter.ts');
    store.add({
      arn,
      name,
      roleArn: properties.RoleArn,
      definitionText,
      definition,
      states: placeStates(definition),
      createdAt: new Date(),
      interpret,
    });
    return { ref: arn, attributes: { Arn: arn, Name: name } };
  });
}

function definitionTextOf(core: CloudCore, properties: z.output<typeof machineProperties>): string {
  const { DefinitionString, Definition, DefinitionS3Location: asset } = properties;
  if (DefinitionString !== undefined) return DefinitionString;
  if (Definition !== undefined) return JSON.stringify(Definition);
  if (asset !== undefined) return readFileSync(core.assetPath(asset.Bucket, asset.Key), 'utf8');
  throw new InvalidPropertyError('DefinitionString, Definition or DefinitionS3Location: one of them is needed');
}

/** `${Name}` is replaced by the substitution of that name; a placeholder without one stays. */
function substitute(text: string, substitutions: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (placeholder, name: string) => substitutions[name] ?? placeholder);
}
