import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { instanceId } from '../shared/contracts.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { AgentOfflineError, InstanceGoneError, UnsupportedAgentVersionError } from '../shared/errors.ts';
import { task } from '../shared/task.ts';

const input = z.strictObject({ instanceId });

interface OnlineInstance {
  readonly instanceId: string;
  readonly agentVersion: string;
}

const environment = readEnvironment({ MINIMUM_AGENT_VERSION: text.regex(/^\d+(\.\d+)*$/, 'must be a version') });
const ssm = new SSMClient(clientSettings);
const ec2 = new EC2Client(clientSettings);

/**
 * Checks once whether an instance's SSM agent is online; the state machine's Retry waits for it.
 * Calls ssm:DescribeInstanceInformation, ec2:DescribeInstances.
 * @throws AgentOfflineError, UnsupportedAgentVersionError (repeat), InstanceGoneError (permanent)
 */
export const handler = task(input, async ({ instanceId }, { signal }): Promise<OnlineInstance> => {
  const { InstanceInformationList: [agent] = [] } = await ssm.send(
    new DescribeInstanceInformationCommand({ Filters: [{ Key: 'InstanceIds', Values: [instanceId] }] }),
    { abortSignal: signal },
  );
  if (agent?.PingStatus !== 'Online') {
    const state = await stateOf(instanceId, signal);
    if (state === 'terminated' || state === 'shutting-down') throw new InstanceGoneError(`${instanceId} is ${state}`);
    // EC2 is eventually consistent: for its first minutes an instance may be unknown, or described by nothing.
    if (state === undefined) throw new AgentOfflineError(`${instanceId} is not known to EC2: it is new, or long gone`);
    const status = agent === undefined ? 'has not registered' : `is ${agent.PingStatus}`;
    throw new AgentOfflineError(
      `the SSM agent of ${instanceId} (${state}) ${status}: ` +
        'it needs an instance profile with AmazonSSMManagedInstanceCore and a way to the SSM endpoints',
    );
  }
  const agentVersion = agent.AgentVersion ?? '0';
  if (isOlder(agentVersion, environment.MINIMUM_AGENT_VERSION)) {
    throw new UnsupportedAgentVersionError(
      `the SSM agent of ${instanceId} is ${agentVersion}; ${environment.MINIMUM_AGENT_VERSION} or newer is needed`,
    );
  }
  return { instanceId, agentVersion };
});

/** @returns EC2's state name; undefined if EC2 does not know the instance yet, or any more. */
async function stateOf(instanceId: string, abortSignal: AbortSignal): Promise<string | undefined> {
  try {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }), {
      abortSignal,
    });
    return Reservations[0]?.Instances?.[0]?.State?.Name;
  } catch (error) {
    if (error instanceof Error && error.name === 'InvalidInstanceID.NotFound') return undefined;
    throw error;
  }
}

function isOlder(version: string, minimum: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of minimum.split('.').map(Number).entries()) {
    const difference = (parts[index] ?? 0) - wanted;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
