/** The instance that carries the control plane: found by the cluster's tags. */
import { DescribeInstancesCommand, type EC2Client, type Instance } from '@aws-sdk/client-ec2';
import { ControlPlaneAmbiguousError } from '../errors.ts';

/** The port of the API server. */
const apiServerPort = 6443;

/**
 * @returns undefined: there is none that is not terminated
 * @throws ControlPlaneAmbiguousError
 */
export async function findControlPlane(
  ec2: EC2Client,
  clusterName: string,
  abortSignal: AbortSignal,
): Promise<Instance | undefined> {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: `tag:kubernetes.io/cluster/${clusterName}`, Values: ['owned'] },
        { Name: 'tag:stepkube:role', Values: ['control-plane'] },
        { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
      ],
    }),
    { abortSignal },
  );
  const [instance, ...others] = Reservations.flatMap(({ Instances = [] }) => Instances);
  if (others.length === 0) return instance;
  const ids = [instance, ...others].map((one) => one?.InstanceId).join(', ');
  throw new ControlPlaneAmbiguousError(
    `${ids} all carry the tag stepkube:role=control-plane of cluster ${clusterName}: terminate all but one`,
  );
}

/** Where nodes reach the API server, as issue-join-credentials stores it: 10.0.1.10:6443. */
export const endpointOf = ({ PrivateIpAddress }: Instance): string => `${PrivateIpAddress}:${apiServerPort}`;
