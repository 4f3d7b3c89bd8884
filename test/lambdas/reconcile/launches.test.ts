import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const group = 'stepkube-workers';
const machineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:stepkube-join-node';
const environment = {
  COMMANDS_TABLE: 'stepkube-commands',
  COMMAND_LOG_GROUP: '/stepkube/commands',
  WORKER_GROUP_NAME: group,
  JOIN_NODE_MACHINE_ARN: machineArn,
  RECONCILE_AFTER_SECONDS: '60',
};
const waiting = 'i-0aaaaaaaaaaaaaaa1';
const young = 'i-0aaaaaaaaaaaaaaa2';
const joining = 'i-0aaaaaaaaaaaaaaa3';
const inService = 'i-0aaaaaaaaaaaaaaa4';

const launchedAgo = (seconds: number) => new Date(Date.now() - seconds * 1000);
const inputOf = (instanceId: string) => ({
  instanceId,
  autoScalingGroupName: group,
  lifecycleHookName: 'stepkube-launch',
});

/** Two pages of running joins; the joining instance is on the second. */
function answer(answers: Readonly<Record<string, AwsResponse>> = {}) {
  return answerAws({
    Scan: { Items: [] },
    DescribeAutoScalingGroups: {
      AutoScalingGroups: [
        {
          Instances: [
            ...[waiting, young, joining].map((InstanceId) => ({ InstanceId, LifecycleState: 'Pending:Wait' })),
            { InstanceId: inService, LifecycleState: 'InService' },
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
    ListExecutions: ({ nextToken }: { nextToken?: string }) =>
      nextToken === undefined
        ? { executions: [{ executionArn: 'other' }], nextToken: '2' }
        : { executions: [{ executionArn: 'joining' }] },
    DescribeExecution: ({ executionArn }: { executionArn: string }) => ({
      input: JSON.stringify(executionArn === 'joining' ? inputOf(joining) : { by: 'hand' }),
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

  it('reconcile starts join-node for an instance that has waited for long and that no running execution handles', async () => {
    const sent = answer();
    expect(await reconcile()).toEqual({ commands: 0, joins: 1 });
    const started = sent.filter(({ operation }) => operation === 'StartExecution').map(({ input }) => input);
    expect(started).toEqual([
      {
        stateMachineArn: machineArn,
        name: expect.stringMatching(new RegExp(`^reconcile-${waiting}-\\d+$`)),
        input: JSON.stringify(inputOf(waiting)),
      },
    ]);
  });

  it('reconcile uses the same execution name in two rounds, so that the second one starts nothing', async () => {
    const names: string[] = [];
    answer({
      StartExecution: ({ name }: { name: string }) => {
        if (names.push(name) > 1) throw awsError('ExecutionAlreadyExists');
        return {};
      },
    });
    vi.spyOn(Date, 'now').mockReturnValue(Date.now());
    expect(await reconcile()).toMatchObject({ joins: 1 });
    expect(await reconcile()).toMatchObject({ joins: 0 });
    expect(names[1]).toBe(names[0]);
  });

  it('reconcile calls neither EC2 nor Step Functions if no instance waits', async () => {
    const sent = answer({ DescribeAutoScalingGroups: { AutoScalingGroups: [{ Instances: [] }] } });
    expect(await reconcile()).toEqual({ commands: 0, joins: 0 });
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
