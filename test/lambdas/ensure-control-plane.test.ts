import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError, type CommandInput } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const environment = {
  CLUSTER_NAME: 'stepkube',
  CONTROL_PLANE_LAUNCH_TEMPLATE_ID: 'lt-0123456789abcdef0',
  CONTROL_PLANE_SUBNET_IDS: 'subnet-a,subnet-b',
};
const instance = (state: string, id = 'i-0123456789abcdef0') => ({
  InstanceId: id,
  PrivateIpAddress: '10.0.0.10',
  State: { Name: state },
});
const described = (...instances: object[]) => ({ Reservations: [{ Instances: instances }] });

async function ensure(answers: Readonly<Record<string, AwsResponse>>) {
  const sent = answerAws(answers);
  const handler = await loadHandler('ensure-control-plane', environment);
  const result = handler({}, lambdaContext());
  return { result, sent };
}

describe('ensure-control-plane', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it.each(['pending', 'running'])(
    'ensure-control-plane returns the %s instance with the tags of the cluster',
    async (state) => {
      const { result, sent } = await ensure({ DescribeInstances: described(instance(state)) });
      expect(await result).toEqual({ instanceId: 'i-0123456789abcdef0', privateIp: '10.0.0.10', created: false });
      expect(sent[0]?.input.Filters).toContainEqual({ Name: 'tag:kubernetes.io/cluster/stepkube', Values: ['owned'] });
      expect(sent[0]?.input.Filters).toContainEqual({ Name: 'tag:stepkube:role', Values: ['control-plane'] });
    },
  );

  it('ensure-control-plane starts a stopped instance', async () => {
    const { result, sent } = await ensure({ DescribeInstances: described(instance('stopped')), StartInstances: {} });
    expect(await result).toMatchObject({ created: false });
    expect(sent.at(-1)).toEqual({ operation: 'StartInstances', input: { InstanceIds: ['i-0123456789abcdef0'] } });
  });

  it('ensure-control-plane throws ControlPlaneStoppingError for an instance that is stopping', async () => {
    const { result } = await ensure({ DescribeInstances: described(instance('stopping')) });
    expect((await errorOf(result)).name).toBe('ControlPlaneStoppingError');
  });

  it('ensure-control-plane launches an instance if there is none, with the same client token each time', async () => {
    const tokens: string[] = [];
    const launches = {
      DescribeInstances: described(),
      RunInstances: ({ ClientToken }: CommandInput) => {
        tokens.push(ClientToken);
        return { Instances: [instance('pending')] };
      },
    };
    const first = await ensure(launches);
    expect(await first.result).toMatchObject({ created: true });
    await (await ensure(launches)).result;
    expect(tokens[1]).toBe(tokens[0]);
    expect(first.sent.at(-1)?.input).toMatchObject({
      LaunchTemplate: { LaunchTemplateId: 'lt-0123456789abcdef0', Version: '$Latest' },
      SubnetId: 'subnet-a',
      MinCount: 1,
      MaxCount: 1,
    });
  });

  it('ensure-control-plane uses another client token after a termination that EC2 still remembers', async () => {
    const tokens = new Set<string>();
    const { result } = await ensure({
      DescribeInstances: described(),
      RunInstances: ({ ClientToken }: CommandInput) => {
        tokens.add(ClientToken);
        if (tokens.size === 1) throw awsError('IdempotentInstanceTerminated');
        if (tokens.size === 2) return { Instances: [instance('terminated')] };
        return { Instances: [instance('pending')] };
      },
    });
    expect(await result).toMatchObject({ created: true });
    expect(tokens.size).toBe(3);
  });

  it.each(['InsufficientInstanceCapacity', 'Unsupported', 'InsufficientFreeAddressesInSubnet'])(
    'ensure-control-plane asks the next zone with its own client token after %s',
    async (name) => {
      const launches: CommandInput[] = [];
      const { result } = await ensure({
        DescribeInstances: described(),
        RunInstances: (input: CommandInput) => {
          launches.push(input);
          if (input.SubnetId === 'subnet-a') throw awsError(name);
          return { Instances: [instance('pending')] };
        },
      });
      expect(await result).toMatchObject({ created: true });
      expect(launches.map(({ SubnetId }) => SubnetId)).toEqual(['subnet-a', 'subnet-b']);
      expect(launches[0]?.ClientToken).not.toBe(launches[1]?.ClientToken);
    },
  );

  it('ensure-control-plane names every zone when none takes the control plane', async () => {
    const { result } = await ensure({
      DescribeInstances: described(),
      RunInstances: () => {
        throw awsError('InsufficientInstanceCapacity');
      },
    });
    const error = await errorOf(result);
    expect(error.name).toBe('ControlPlaneNotLaunchedError');
    expect(error.message).toMatch(/subnet-a: InsufficientInstanceCapacity.*subnet-b: InsufficientInstanceCapacity/);
  });

  it('ensure-control-plane refuses to choose between two instances', async () => {
    const { result } = await ensure({
      DescribeInstances: described(instance('running'), instance('stopped', 'i-0fedcba9876543210')),
    });
    const error = await errorOf(result);
    expect(error.name).toBe('ControlPlaneAmbiguousError');
    expect(error.message).toContain('i-0fedcba9876543210');
  });
});
