import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { type Operation, operation } from '../operation.ts';
import { physicalName } from '../physical-name.ts';
import { provider, type ResourceProvider } from '../resource.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { publicParameter } from '../template/parameters.ts';

interface Parameter {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
}

export interface ParameterStore {
  readonly provider: ResourceProvider;
  readonly operations: Readonly<Record<string, Operation>>;
  arnOf(name: string): string;
}

const parameterProperties = z.object({ Name: z.string().optional(), Type: z.string(), Value: z.string() });
export const getParameterInput = z.object({ Name: z.string() });
export const getParametersInput = z.object({ Names: z.array(z.string()) });

/** AWS::SSM::Parameter and the operations that read parameters. */
export function createParameterStore(core: CloudCore): ParameterStore {
  const parameters = new Map<string, Parameter>();
  const createdAtSeconds = Date.now() / 1000;

  const parameterArn = (name: string) => arnOf(core, 'ssm', `parameter/${name.replace(/^\//, '')}`);

  function find(nameOrArn: string): Parameter | undefined {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf(':parameter') + 10) : nameOrArn;
    const published = publicParameter(name);
    if (published !== undefined) return { Name: name, Type: 'String', Value: published };
    return parameters.get(name) ?? parameters.get(name.replace(/^\//, ''));
  }

  function describe(parameter: Parameter): object {
    const arn = parameterArn(parameter.Name);
    return { ...parameter, ARN: arn, DataType: 'text', Version: 1, LastModifiedDate: createdAtSeconds };
  }

  return {
    arnOf: parameterArn,

    provider: provider(
      'AWS::SSM::Parameter',
      parameterProperties,
      ({ logicalId, properties: { Name, Type, Value } }) => {
        const name = Name ?? physicalName(core.options.stackName, logicalId);
        parameters.set(name, { Name: name, Type, Value });
        return { ref: name, attributes: { Type, Value } };
      },
    ),

    operations: {
      GetParameter: operation(getParameterInput, ({ Name }) => {
        const parameter = find(Name);
        if (parameter === undefined) throw new ServiceError('ParameterNotFound', `Parameter ${Name} not found.`);
        return { Parameter: describe(parameter) };
      }),

      GetParameters: operation(getParametersInput, ({ Names }) => ({
        Parameters: Names.map(find)
          .filter((parameter) => parameter !== undefined)
          .map(describe),
        InvalidParameters: Names.filter((name) => find(name) === undefined),
      })),
    },
  };
}
