import { type CloudCore, type Operation, type ResourceProvider, ServiceError } from '../service.ts';
import { publicParameter } from '../template/parameters.ts';

interface Parameter {
  readonly Name: string;
  readonly Type: string;
  readonly Value: string;
}

/** AWS::SSM::Parameter and the reading half of Parameter Store. */
export function createParameterStore(core: CloudCore): {
  readonly provider: ResourceProvider;
  readonly operations: Readonly<Record<string, Operation>>;
  arnOf(name: string): string;
} {
  const parameters = new Map<string, Parameter>();
  const created = Date.now() / 1000;

  const arnOf = (name: string) => `arn:aws:ssm:${core.region}:${core.accountId}:parameter/${name.replace(/^\//, '')}`;

  function describe(nameOrArn: string): object | undefined {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf(':parameter') + 10) : nameOrArn;
    const published = publicParameter(name);
    const parameter =
      published === undefined
        ? (parameters.get(name) ?? parameters.get(name.replace(/^\//, '')))
        : { Name: name, Type: 'String', Value: published };
    if (parameter === undefined) return undefined;
    return { ...parameter, ARN: arnOf(parameter.Name), DataType: 'text', Version: 1, LastModifiedDate: created };
  }

  return {
    arnOf,
    provider: {
      type: 'AWS::SSM::Parameter',
      create: ({ logicalId, properties }) => {
        const name: string = properties.Name ?? logicalId;
        parameters.set(name, { Name: name, Type: properties.Type, Value: properties.Value });
        return { ref: name, attributes: { Type: properties.Type, Value: properties.Value } };
      },
    },
    operations: {
      GetParameter: async ({ Name }) => {
        const parameter = describe(Name);
        if (parameter === undefined) throw new ServiceError('ParameterNotFound', `Parameter ${Name} not found.`);
        return { Parameter: parameter };
      },
      GetParameters: async ({ Names }: { Names: readonly string[] }) => ({
        Parameters: Names.map(describe).filter((parameter) => parameter !== undefined),
        InvalidParameters: Names.filter((name) => describe(name) === undefined),
      }),
    },
  };
}
