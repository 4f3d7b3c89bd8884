import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const instanceId = 'i-0123456789abcdef0';
const agent = (PingStatus: string, AgentVersion: string) => ({
  InstanceInformationList: [{ InstanceId: instanceId, PingStatus, AgentVersion }],
});
const ec2State = (state: string) => ({ Reservations: [{ Instances: [{ State: { Name: state } }] }] });

async function look(DescribeInstanceInformation: AwsResponse, DescribeInstances: AwsResponse = ec2State('running')) {
  answerAws({ DescribeInstanceInformation, DescribeInstances });
  const handler = await loadHandler('wait-for-instance', { MINIMUM_AGENT_VERSION: '3.3.2746.0' });
  return handler({ instanceId }, lambdaContext());
}

describe('wait-for-instance', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it.each(['3.3.2746.0', '3.3.2750.0', '3.10.0.0', '4.0'])(
    'wait-for-instance accepts an online agent of version %s',
    async (version) => {
      expect(await look(agent('Online', version))).toEqual({ instanceId, agentVersion: version });
    },
  );

  it.each(['3.3.2745.9', '3.2.9999.0', '2.9'])(
    'wait-for-instance refuses agent version %s, which does not pass parameters by environment',
    async (version) => {
      const error = await errorOf(look(agent('Online', version)));
      expect(error.name).toBe('UnsupportedAgentVersionError');
      expect(error.message).toContain('3.3.2746.0');
    },
  );

  it('wait-for-instance throws AgentOfflineError for an agent that has not registered or has lost its connection', async () => {
    expect((await errorOf(look({ InstanceInformationList: [] }))).name).toBe('AgentOfflineError');
    const lost = await errorOf(look(agent('ConnectionLost', '3.3.2746.0')));
    expect(lost.name).toBe('AgentOfflineError');
    expect(lost.message).toContain('ConnectionLost');
  });

  const none = { InstanceInformationList: [] };

  it.each(['terminated', 'shutting-down'])(
    'wait-for-instance throws InstanceGoneError for a %s instance',
    async (state) => {
      expect((await errorOf(look(none, ec2State(state)))).name).toBe('InstanceGoneError');
    },
  );

  it('wait-for-instance is tried again while EC2 does not know a new instance, or describes it by nothing', async () => {
    const unknown = () => {
      throw awsError('InvalidInstanceID.NotFound');
    };
    for (const answer of [unknown, { Reservations: [] }]) {
      const error = await errorOf(look(none, answer));
      expect(error.name).toBe('AgentOfflineError');
      expect(error.message).toContain('not known to EC2');
    }
  });

  it('wait-for-instance refuses what is not an instance id', async () => {
    answerAws({});
    const handler = await loadHandler('wait-for-instance', { MINIMUM_AGENT_VERSION: '3.3.2746.0' });
    expect((await errorOf(handler({ instanceId: 'web-1' }, lambdaContext()))).name).toBe('InvalidInputError');
  });
});
