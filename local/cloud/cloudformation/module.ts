import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { operation } from '../operation.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';

export interface CloudFormationModule extends CloudModule {
  /** To be called when every resource of the stack has been created. */
  complete(outputs: Readonly<Record<string, string>>): void;
}

/** CloudFormation: describes the one stack, for programs that find the cluster by the stack's outputs. */
export function createCloudFormationModule(core: CloudCore): CloudFormationModule {
  const { stackName } = core.options;
  const createdAt = new Date();
  const stackId = arnOf(core, 'cloudformation', `stack/${stackName}/twin`);
  let stackOutputs: Readonly<Record<string, string>> | undefined;

  const describeStacks = operation(z.object({ StackName: z.string().default(stackName) }), ({ StackName }) => {
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
  });

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
