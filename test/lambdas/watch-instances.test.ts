import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const machineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:stepkube-drain-node';
const worker = 'i-0aaaaaaaaaaaaaaa1';
const other = 'i-0aaaaaaaaaaaaaaa2';
const id = '12345678-1234-1234-1234-123456789012';

const ec2Event = (type: string, detail: object = {}) => ({
  id,
  source: 'aws.ec2',
  'detail-type': type,
  detail: { 'instance-id': worker, ...detail },
});
const spotWarning = ec2Event('EC2 Spot Instance Interruption Warning', { 'instance-action': 'terminate' });
const healthEvent = (detail: object = {}) => ({
  id,
  source: 'aws.health',
  'detail-type': 'AWS Health Event',
  detail: {
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_PERSISTENT_INSTANCE_RETIREMENT_SCHEDULED',
    eventTypeCategory: 'scheduledChange',
    statusCode: 'upcoming',
    affectedEntities: [{ entityValue: worker }, { entityValue: other }, { entityValue: 'vol-0123456789' }],
    ...detail,
  },
});

/** EC2 knows the worker as the cluster's, and nothing else. */
async function watch(event: object, answers: Readonly<Record<string, AwsResponse>> = {}) {
  const sent = answerAws({
    DescribeInstances: { Reservations: [{ Instances: [{ InstanceId: worker }] }] },
    DescribeAutoScalingInstances: { AutoScalingInstances: [{ InstanceId: worker, LifecycleState: 'InService' }] },
    StartExecution: {},
    ...answers,
  });
  const handler = await loadHandler('watch-instances', {
    CLUSTER_NAME: 'stepkube',
    DRAIN_NODE_MACHINE_ARN: machineArn,
  });
  const started = () =>
    sent
      .filter(({ operation }) => operation === 'StartExecution')
      .map(({ input: { name, input, stateMachineArn } }) => ({ name, stateMachineArn, input: JSON.parse(input) }));
  return { result: handler(event, lambdaContext()), sent, started };
}

describe('watch-instances', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it.each([
    ['a spot warning drains within the two minutes that are left', spotWarning, 'spot', { deadlineSeconds: 100 }],
    [
      'a rebalance recommendation only cordons',
      ec2Event('EC2 Instance Rebalance Recommendation'),
      'rebalance',
      { mode: 'cordon' },
    ],
    [
      'an instance that shuts down is drained at once',
      ec2Event('EC2 Instance State-change Notification', { state: 'shutting-down' }),
      'state',
      { deadlineSeconds: 30 },
    ],
    ['a scheduled change replaces the worker', healthEvent(), 'health', { terminate: true }],
  ])('%s', async (_title, event, kind, drain) => {
    const { result, started } = await watch(event);
    expect(await result).toEqual({ drains: 1 });
    expect(started()).toEqual([
      {
        name: `${kind}-${worker}-${id}`.slice(0, 80),
        stateMachineArn: machineArn,
        input: { instanceId: worker, ...drain },
      },
    ]);
  });

  it('one event of AWS Health asks for all instances that it names, and for nothing else', async () => {
    const { result, sent } = await watch(healthEvent());
    await result;
    expect(sent[0]!.input.Filters[0]).toEqual({ Name: 'instance-id', Values: [worker, other] });
  });

  it('an instance without the tags of a worker of this cluster is left alone', async () => {
    const { result, sent, started } = await watch(spotWarning, { DescribeInstances: { Reservations: [] } });
    expect(await result).toEqual({ drains: 0 });
    expect(sent[0]!.input.Filters).toEqual([
      { Name: 'instance-id', Values: [worker] },
      { Name: 'tag:kubernetes.io/cluster/stepkube', Values: ['owned'] },
      { Name: 'tag:stepkube:role', Values: ['worker'] },
    ]);
    expect(started()).toEqual([]);
  });

  it('an instance that its group drains already, or that has left it, is not drained again when it shuts down', async () => {
    const event = ec2Event('EC2 Instance State-change Notification', { state: 'shutting-down' });
    for (const AutoScalingInstances of [[{ InstanceId: worker, LifecycleState: 'Terminating:Proceed' }], []]) {
      const { result } = await watch(event, { DescribeAutoScalingInstances: { AutoScalingInstances } });
      expect(await result).toEqual({ drains: 0 });
    }
  });

  it('a repeated event starts nothing', async () => {
    const { result } = await watch(spotWarning, {
      StartExecution: () => {
        throw awsError('ExecutionAlreadyExists');
      },
    });
    expect(await result).toEqual({ drains: 0 });
  });

  it('a scheduled change that is over replaces nothing', async () => {
    const { result, sent } = await watch(healthEvent({ statusCode: 'closed' }));
    expect(await result).toEqual({ drains: 0 });
    expect(sent).toEqual([]);
  });

  it('an event of another service is refused', async () => {
    const { result } = await watch(healthEvent({ service: 'RDS' }));
    expect((await errorOf(result)).name).toBe('InvalidInputError');
  });
});
