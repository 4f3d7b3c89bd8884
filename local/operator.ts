/** What a person does to the cluster from the page, by the calls that AWS's console makes. */
import { AutoScalingClient, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { EC2Client, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Action } from './console/actions.ts';
import type { RunningContext } from './context/context.ts';
import type { Cloud } from './contracts/cloud.ts';
import type { Credentials } from './contracts/context.ts';

const secondsPerDay = 86_400;

export interface OperatorDependencies {
  readonly cloud: Cloud;
  readonly context: RunningContext;
  readonly clientOptions: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: Credentials;
  };
}

/** Returns a function that does an action; it rejects with what AWS says against it. */
export function createOperator({ cloud, context, clientOptions }: OperatorDependencies) {
  const stepFunctions = new SFNClient(clientOptions);
  const autoScaling = new AutoScalingClient(clientOptions);
  const ec2 = new EC2Client(clientOptions);
  const output = (key: string) => cloud.outputs[key]!;
  const drain = (input: object) =>
    stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: output('DrainNodeMachineArn'), input: JSON.stringify(input) }),
    );

  return async (given: Action): Promise<void> => {
    switch (given.action) {
      case 'scale': {
        const capacity = { AutoScalingGroupName: output('WorkerGroupName'), DesiredCapacity: given.workers };
        await autoScaling.send(new SetDesiredCapacityCommand(capacity));
        return;
      }
      case 'drain':
        await drain({ instanceId: given.instanceId });
        return;
      case 'replace':
        await drain({ instanceId: given.instanceId, terminate: true });
        return;
      case 'interrupt':
        await cloud.interruptInstance(given.instanceId);
        return;
      case 'kill':
        await ec2.send(new TerminateInstancesCommand({ InstanceIds: [given.instanceId] }));
        return;
      case 'moveClock':
        context.time.moveAhead(given.days * secondsPerDay);
        context.changed();
    }
  };
}
