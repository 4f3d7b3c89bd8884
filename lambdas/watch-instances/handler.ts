import { AutoScalingClient, DescribeAutoScalingInstancesCommand } from '@aws-sdk/client-auto-scaling';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { clientSettings } from '../shared/clients.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { logger, task } from '../shared/task.ts';
import { instanceEvent, type Reaction, reactionTo } from './instance-events.ts';

const environment = readEnvironment({ CLUSTER_NAME: text, DRAIN_NODE_MACHINE_ARN: text });
const ec2 = new EC2Client(clientSettings);
const autoScaling = new AutoScalingClient(clientSettings);
const stepFunctions = new SFNClient(clientSettings);

const maxExecutionNameLength = 80;

/**
 * Starts drain-node for each worker of the cluster that an event of EC2 or AWS Health concerns; the events of all other instances of the
 * account come here, too. A repeated event starts nothing. Calls ec2:DescribeInstances, autoscaling:DescribeAutoScalingInstances,
 * states:StartExecution.
 */
export const handler = task(instanceEvent, async (event, { signal }): Promise<{ readonly drains: number }> => {
  const reaction = reactionTo(event);
  const workers = await workersAmong(reaction, signal);
  let drains = 0;
  for (const instanceId of workers) if (await startDrain(event.id, reaction, instanceId, signal)) drains += 1;
  return { drains };
});

/** Of the given instances, the cluster's workers that their group does not drain already. */
async function workersAmong({ instanceIds, kind }: Reaction, abortSignal: AbortSignal): Promise<readonly string[]> {
  if (instanceIds.length === 0) return [];
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: 'instance-id', Values: [...instanceIds] },
        { Name: `tag:kubernetes.io/cluster/${environment.CLUSTER_NAME}`, Values: ['owned'] },
        { Name: 'tag:stepkube:role', Values: ['worker'] },
      ],
    }),
    { abortSignal },
  );
  const workers = Reservations.flatMap(({ Instances = [] }) => Instances).map(({ InstanceId }) => InstanceId!);
  // An instance that shuts down after its drain announces that, too.
  if (kind !== 'state' || workers.length === 0) return workers;
  const { AutoScalingInstances = [] } = await autoScaling.send(
    new DescribeAutoScalingInstancesCommand({ InstanceIds: workers }),
    { abortSignal },
  );
  const serving = AutoScalingInstances.filter(({ LifecycleState }) => !LifecycleState?.startsWith('Terminating'));
  return serving.map(({ InstanceId }) => InstanceId!);
}

async function startDrain(
  eventId: string,
  { kind, drain }: Reaction,
  instanceId: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const start = new StartExecutionCommand({
    stateMachineArn: environment.DRAIN_NODE_MACHINE_ARN,
    name: `${kind}-${instanceId}-${eventId}`.slice(0, maxExecutionNameLength),
    input: JSON.stringify({ instanceId, ...drain }),
  });
  try {
    await stepFunctions.send(start, { abortSignal });
    logger.info('started a drain', { kind, instanceId });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionAlreadyExists') return false;
    throw error;
  }
}
