import { afterAll, beforeAll } from 'vitest';
import type { Cloud } from '#local/contracts/cloud.ts';
import { roleResource, startTestCloud, type TestCloud } from './cloud.ts';
import { type Ended, environmentOf, runStepkube } from './stepkube.ts';

const instanceTags = (role: string) => [
  {
    ResourceType: 'instance',
    Tags: [
      { Key: 'stepkube:role', Value: role },
      { Key: 'kubernetes.io/cluster/stepkube', Value: 'owned' },
    ],
  },
];
const machine = (name: string, state: object = { Type: 'Pass', End: true }) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: `stepkube-${name}`,
    RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
    DefinitionString: JSON.stringify({ StartAt: 'Work', States: { Work: state } }),
  },
});
const output = (name: string) => ({ Value: { Ref: name } });

const secretNames = [
  'telegram',
  'join',
  'pull',
  ...['deployer', 'drainer', 'puller', 'viewer'].map((user) => `kubeconfig/${user}`),
];
const secret = (name: string) => ({ Type: 'AWS::SecretsManager::Secret', Properties: { Name: `stepkube/${name}` } });

function startDeployedAccount(): Promise<TestCloud> {
  return startTestCloud({
    resources: {
      Subnet: {
        Type: 'AWS::EC2::Subnet',
        Properties: { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24', AvailabilityZone: 'us-east-1a' },
      },
      Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [{ Ref: 'MachineRole' }] } },
      Template: {
        Type: 'AWS::EC2::LaunchTemplate',
        Properties: {
          LaunchTemplateData: {
            ImageId: 'ami-0123456789abcdef0',
            InstanceType: 't3.medium',
            SecurityGroupIds: ['sg-1'],
            IamInstanceProfile: { Arn: { 'Fn::GetAtt': ['Profile', 'Arn'] } },
            TagSpecifications: instanceTags('worker'),
          },
        },
      },
      MachineRole: roleResource('machine', [{ Effect: 'Allow', Action: 'states:*', Resource: '*' }]),
      DrainNode: machine('drain-node'),
      RotateCredentials: machine('rotate-credentials'),
      JoinNode: machine('join-node', { Type: 'Fail', Error: 'JoinNodeFailed', Cause: 'the disk is full' }),
      ...Object.fromEntries(secretNames.map((name) => [`Secret${name.replace(/\W/g, '')}`, secret(name)])),
      CommandLog: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/stepkube/commands' } },
      Workers: {
        Type: 'AWS::AutoScaling::AutoScalingGroup',
        Properties: {
          AutoScalingGroupName: 'stepkube-workers',
          MinSize: 1,
          MaxSize: 5,
          VPCZoneIdentifier: [{ Ref: 'Subnet' }],
          LaunchTemplate: { LaunchTemplateId: { Ref: 'Template' }, Version: '1' },
        },
      },
    },
    template: {
      Outputs: {
        DrainNodeMachineArn: output('DrainNode'),
        RotateCredentialsMachineArn: output('RotateCredentials'),
        JoinNodeMachineArn: output('JoinNode'),
        ClusterName: { Value: 'stepkube' },
        WorkerGroupName: output('Workers'),
      },
    },
  });
}

interface DeployedAccount {
  readonly cloud: () => Cloud;
  /** Options for an SDK client. */
  readonly client: TestCloud['client'];
  /** Of a command that goes to this account. */
  readonly env: () => NodeJS.ProcessEnv;
  /** Runs the command for this stack. */
  readonly stepkube: (...args: string[]) => Promise<Ended>;
}

/**
 * An account with a small stack of the name 'test': machines, the group of the workers, secrets without values and a log. To be called
 * once, at the top of a test file.
 */
export function deployedAccount(): DeployedAccount {
  let account: TestCloud;
  beforeAll(async () => {
    account = await startDeployedAccount();
  });
  afterAll(() => account?.stop());
  const env = () => environmentOf(account.cloud);
  return {
    cloud: () => account.cloud,
    client: (credentials) => account.client(credentials),
    env,
    stepkube: (...args) => runStepkube([...args, '--stack', 'test'], { env: env() }),
  };
}
