import { createHash } from 'node:crypto';
import { EC2Client, type Instance, RunInstancesCommand, StartInstancesCommand } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { findControlPlane } from '../shared/cluster/control-plane.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { ControlPlaneNotLaunchedError, ControlPlaneStoppingError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';

interface ControlPlane {
  readonly instanceId: string;
  readonly privateIp: string;
  /** Whether this call launched the instance. */
  readonly created: boolean;
}

const environment = readEnvironment({
  CLUSTER_NAME: text,
  CONTROL_PLANE_LAUNCH_TEMPLATE_ID: text,
  CONTROL_PLANE_SUBNET_IDS: text.transform((list) => list.split(',')),
});
const ec2 = new EC2Client(clientSettings);

/** EC2 remembers a client token as long as it shows the instance, which is also some time after its termination. */
const maxRememberedTerminations = 20;

/**
 * Finds the control-plane instance by its tags, starts it if it is stopped, launches one if there is none.
 * Calls ec2:DescribeInstances, StartInstances, RunInstances (and what the launch template needs: CreateTags, PassRole).
 * @throws ControlPlaneAmbiguousError, ControlPlaneStoppingError, ControlPlaneNotLaunchedError
 */
export const handler = task(z.strictObject({}), async (_input, { signal }): Promise<ControlPlane> => {
  const instance = await findControlPlane(ec2, environment.CLUSTER_NAME, signal);
  if (instance === undefined) return describe(await launch(signal), true);
  if (instance.State?.Name === 'stopping') {
    throw new ControlPlaneStoppingError(`${instance.InstanceId} is stopping; it is started once it has stopped`);
  }
  if (instance.State?.Name === 'stopped') {
    logger.info('starting the stopped control plane', { instanceId: instance.InstanceId });
    await ec2.send(new StartInstancesCommand({ InstanceIds: [instance.InstanceId!] }), { abortSignal: signal });
  }
  return describe(instance, false);
});

/** Errors by which EC2 says that another zone may do: no capacity, not this type, no addresses. */
const zoneErrors = ['InsufficientInstanceCapacity', 'Unsupported', 'InsufficientFreeAddressesInSubnet'];

/** Asks one subnet, and so one zone, after the other. */
async function launch(abortSignal: AbortSignal): Promise<Instance> {
  const refusals: string[] = [];
  for (const subnetId of environment.CONTROL_PLANE_SUBNET_IDS) {
    try {
      return await launchIn(subnetId, abortSignal);
    } catch (error) {
      if (!(error instanceof Error) || !zoneErrors.includes(error.name)) throw error;
      logger.warn('the zone of a subnet cannot take the control plane', { subnetId, error: error.name });
      refusals.push(`${subnetId}: ${error.name}: ${error.message}`);
    }
  }
  throw new ControlPlaneNotLaunchedError(`no zone takes the control plane: ${refusals.join('; ')}`);
}

/**
 * Every launch of this cluster's control plane in a subnet uses the same client token, so that a repeated call or a second
 * execution gets the instance of the first. After a termination the next token of the series is used.
 */
async function launchIn(subnetId: string, abortSignal: AbortSignal): Promise<Instance> {
  for (let generation = 0; generation < maxRememberedTerminations; generation += 1) {
    try {
      const { Instances: [instance] = [] } = await ec2.send(
        new RunInstancesCommand({
          LaunchTemplate: { LaunchTemplateId: environment.CONTROL_PLANE_LAUNCH_TEMPLATE_ID, Version: '$Latest' },
          SubnetId: subnetId,
          MinCount: 1,
          MaxCount: 1,
          ClientToken: clientToken(subnetId, generation),
        }),
        { abortSignal },
      );
      if (instance !== undefined && !isGone(instance)) {
        logger.info('launched the control plane', { instanceId: instance.InstanceId });
        return instance;
      }
    } catch (error) {
      if (!isUsedToken(error)) throw error;
    }
  }
  throw new ControlPlaneNotLaunchedError(
    `EC2 answered ${maxRememberedTerminations} launches with instances that were terminated before: try again in an hour`,
  );
}

/** EC2 refuses a token that comes with other parameters, so each subnet has tokens of its own. */
function clientToken(subnetId: string, generation: number): string {
  return createHash('sha256')
    .update(`${environment.CLUSTER_NAME}/control-plane/${subnetId}/${generation}`)
    .digest('hex');
}

function isUsedToken(error: unknown): boolean {
  return error instanceof Error && ['IdempotentInstanceTerminated', 'IdempotentParameterMismatch'].includes(error.name);
}

function isGone({ State }: Instance): boolean {
  return State?.Name === 'terminated' || State?.Name === 'shutting-down';
}

function describe({ InstanceId, PrivateIpAddress }: Instance, created: boolean): ControlPlane {
  if (InstanceId === undefined || PrivateIpAddress === undefined) {
    throw new ControlPlaneNotLaunchedError(`EC2 describes the instance ${InstanceId} without a private address`);
  }
  return { instanceId: InstanceId, privateIp: PrivateIpAddress, created };
}
