import { EC2Client } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { findControlPlane } from '../shared/cluster/control-plane.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { ControlPlaneAbsentError } from '../shared/errors.ts';
import { task } from '../shared/task.ts';

const environment = readEnvironment({ CLUSTER_NAME: text });
const ec2 = new EC2Client(clientSettings);

/**
 * Finds the running control plane; starts and launches nothing. Calls ec2:DescribeInstances.
 * @throws ControlPlaneAbsentError when there is none, or it is stopped; ControlPlaneAmbiguousError
 */
export const handler = task(z.strictObject({}), async (_input, { signal }): Promise<{ instanceId: string }> => {
  const instance = await findControlPlane(ec2, environment.CLUSTER_NAME, signal);
  const state = instance?.State?.Name;
  if (instance?.InstanceId === undefined)
    throw new ControlPlaneAbsentError(`cluster ${environment.CLUSTER_NAME} has no control plane yet`);
  if (state !== 'running')
    throw new ControlPlaneAbsentError(`the control plane ${instance.InstanceId} is ${state ?? 'in an unknown state'}`);
  return { instanceId: instance.InstanceId };
});
