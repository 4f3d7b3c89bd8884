import type { CloudCore, CloudModule, Operation } from '../service.ts';
import { ServiceError } from '../service.ts';

export interface CloudFormationModule extends CloudModule {
  /** The stack is created: its outputs can be asked for. */
  complete(outputs: Readonly<Record<string, string>>): void;
}

/** CloudFormation: tells about the one stack, so that what finds the cluster by its outputs works here too. */
export function createCloudFormationModule(core: CloudCore): CloudFormationModule {
  const { stackName } = core.options;
  const createdAt = new Date();
  const stackId = `arn:aws:cloudformation:${core.region}:${core.accountId}:stack/${stackName}/twin`;
  let stackOutputs: Readonly<Record<string, string>> | undefined;

  const describeStacks: Operation = async ({ StackName = stackName }) => {
    if (StackName !== stackName && StackName !== stackId) {
      throw new ServiceError('ValidationError', `Stack with id ${StackName} does not exist`);
    }
    const outputs = Object.entries(stackOutputs ?? {});
    return {
      Stacks: [
        {
          StackName: stackName,
          StackId: stackId,
          CreationTime: createdAt,
          StackStatus: stackOutputs === undefined ? 'CREATE_IN_PROGRESS' : 'CREATE_COMPLETE',
          Outputs: outputs.map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
        },
      ],
    };
  };

  return {
    services: [
      { name: 'cloudformation', operations: { DescribeStacks: describeStacks }, resourcesOf: () => [stackId] },
    ],
    providers: [],
    complete: (outputs) => {
      stackOutputs = outputs;
    },
  };
}
