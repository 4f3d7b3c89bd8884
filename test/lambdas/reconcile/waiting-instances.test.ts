import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const group = 'stepkube-workers';
const joinMachine = 'arn:aws:states:us-east-1:123456789012:stateMachine:stepkube-join-node';
const drainMachine = 'arn:aws:states:us-east-1:123456789012:stateMachine:stepkube-drain-node';
const environment = {
  COMMANDS_TABLE: 'stepkube-commands',
  COMMAND_LOG_GROUP: '/stepkube/commands',
  WORKER_GROUP_NAME: group,
  JOIN_NODE_MACHINE_ARN: joinMachine,
  DRAIN_NODE_MACHINE_ARN: drainMachine,
  RECONCILE_AFTER_SECONDS: '60',
};
const waiting = 'i-0aaaaaaaaaaaaaaa1';
const young = 'i-0aaaaaaaaaaaaaaa2';
const joining = 'i-0aaaaaaaaaaaaaaa3';
const inService = 'i-0aaaaaaaaaaaaaaa4';
const ending = 'i-0aaaaaaaaaaaaaaa5';
const draining = 'i-0aaaaaaaaaaaaaaa6';

const launchedAgo = (seconds: number) => new Date(Date.now() - seconds * 1000);
const inputOf = (instanceId: string, lifecycleHookName = 'stepkube-launch') => ({
  instanceId,
  autoScalingGroupName: group,
  lifecycleHookName,
});

/** Two pages of running executions of each machine; the joining and the draining instance are on the second. */
function answer(answers: Readonly<Record<string, AwsResponse>> = {}) {
  return answerAws({
    Scan: { Items: [] },
    DescribeAutoScalingGroups: {
      AutoScalingGroups: [
        {
          Instances: [
            ...[waiting, young, joining].map((InstanceId) => ({ InstanceId, LifecycleState: 'Pending:Wait' })),
            { InstanceId: inService, LifecycleState: 'InService' },
            ...[ending, draining].map((InstanceId) => ({ InstanceId, LifecycleState: 'Terminating:Wait' })),
          ],
        },
      ],
    },
    DescribeLifecycleHooks: {
      LifecycleHooks: [
        { LifecycleHookName: 'stepkube-terminate', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' },
        { LifecycleHookName: 'stepkube-launch', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' },
      ],
    },
    DescribeInstances: {
      Reservations: [
        {
          Instances: [
            { InstanceId: waiting, LaunchTime: launchedAgo(90) },
            { InstanceId: young, LaunchTime: launchedAgo(5) },
            { InstanceId: joining, LaunchTime: launchedAgo(90) },
          ],
        },
      ],
    },
    ListExecutions: ({ stateMachineArn, nextToken }: { stateMachineArn: string; nextToken?: string }) =>
      nextToken === undefined
        ? { executions: [{ executionArn: 'other' }], nextToken: '2' }
        : { executions: [{ executionArn: stateMachineArn === joinMachine ? 'joining' : 'draining' }] },
    DescribeExecution: ({ executionArn }: { executionArn: 'other' | 'joining' | 'draining' }) => ({
      input: JSON.stringify(
        { other: { by: 'hand' }, joining: inputOf(joining), draining: { instanceId: draining } }[executionArn],
      ),
    }),
    StartExecution: {},
    ...answers,
  });
}
const reconcile = async () => (await loadHandler('reconcile', environment))({}, lambdaContext());

describe('reconcile', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('reconcile starts join-node and drain-node for instances that wait in a hook and that no running execution handles', async () => {
    const sent = answer();
    expect(await reconcile()).toEqual({ commands: 0, joins: 1, drains: 1 });
    const started = sent.filter(({ operation }) => operation === 'StartExecution').map(({ input }) => input);
    expect(started).toEqual([
      {
        stateMachineArn: joinMachine,
        name: expect.stringMatching(new RegExp(`^reconcile-${waiting}-\\d+$`)),
        input: JSON.stringify(inputOf(waiting)),
      },
      {
        stateMachineArn: drainMachine,
        name: expect.stringMatching(new RegExp(`^reconcile-${ending}-\\d+$`)),
        input: JSON.stringify(inputOf(ending, 'stepkube-terminate')),
      },
    ]);
  });

  it('reconcile uses the same execution name in two rounds, so that the second one starts nothing', async () => {
    const names: string[] = [];
    answer({
      StartExecution: ({ name }: { name: string }) => {
        if (names.push(name) > 2) throw awsError('ExecutionAlreadyExists');
        return {};
      },
    });
    vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    expect(await reconcile()).toMatchObject({ joins: 1, drains: 1 });
    expect(await reconcile()).toMatchObject({ joins: 0, drains: 0 });
    expect(names.slice(2)).toEqual(names.slice(0, 2));
  });

  it('reconcile calls neither EC2 nor Step Functions if no instance waits', async () => {
    const sent = answer({ DescribeAutoScalingGroups: { AutoScalingGroups: [{ Instances: [] }] } });
    expect(await reconcile()).toEqual({ commands: 0, joins: 0, drains: 0 });
    expect(sent.map(({ operation }) => operation)).toEqual(['Scan', 'DescribeAutoScalingGroups']);
  });

  it('reconcile reads every page of the commands table', async () => {
    const starts: unknown[] = [];
    answer({
      Scan: ({ ExclusiveStartKey }: { ExclusiveStartKey?: object }) => {
        starts.push(ExclusiveStartKey);
        return starts.length === 1 ? { Items: [], LastEvaluatedKey: { commandId: 'a' } } : { Items: [] };
      },
    });
    await reconcile();
    expect(starts).toEqual([undefined, { commandId: 'a' }]);
  });
});
