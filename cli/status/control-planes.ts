import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { clientSettings } from '../aws/client-settings.ts';
import type { InstanceStatus } from './status.ts';

/** The instances with the control plane's tags that are not terminated. */
export async function readControlPlanes(
  settings: ReturnType<typeof clientSettings>,
  cluster: string,
  abortSignal: AbortSignal,
): Promise<readonly InstanceStatus[]> {
  const filters = {
    [`tag:kubernetes.io/cluster/${cluster}`]: ['owned'],
    'tag:stepkube:role': ['control-plane'],
    'instance-state-name': ['pending', 'running', 'stopping', 'stopped'],
  };
  const command = new DescribeInstancesCommand({
    Filters: Object.entries(filters).map(([Name, Values]) => ({ Name, Values })),
  });
  const { Reservations = [] } = await new EC2Client(settings).send(command, { abortSignal });
  return Reservations.flatMap(({ Instances = [] }) => Instances).map(
    ({ InstanceId = '', State, Placement, LaunchTime }) => ({
      instanceId: InstanceId,
      state: State?.Name ?? '',
      zone: Placement?.AvailabilityZone ?? '',
      ...(LaunchTime && { launchedAt: LaunchTime.toISOString() }),
    }),
  );
}
