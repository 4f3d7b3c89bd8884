import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import { groupArn } from '../lib/arns.ts';
import { acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { Network } from '../nodes/network.ts';
import type { Workers } from '../nodes/workers.ts';

export interface NodeTasksProps {
  readonly defaults: FunctionDefaults;
  /** JSON of what resolve-config hands to the provision-cluster machine. */
  readonly clusterSettings: string;
  readonly network: Network;
  readonly workers: Workers;
  readonly secrets: ClusterSecrets;
}

/** The oldest Systems Manager agent that hands parameters to scripts as environment variables. */
const minimumAgentVersion = '3.3.2746.0';

/** The functions that bring an instance into the cluster, used by both provision-cluster and join-node. */
export class NodeTasks extends Construct {
  readonly resolveConfig: TaskFunction;
  readonly waitForInstance: TaskFunction;
  readonly setWorkerCapacity: TaskFunction;
  readonly waitForJoinCredentials: TaskFunction;
  readonly waitForNodes: TaskFunction;
  readonly completeLifecycleAction: TaskFunction;

  constructor(scope: Construct, id: string, { defaults, clusterSettings, network, workers, secrets }: NodeTasksProps) {
    super(scope, id);
    const group = groupArn(this, workers.groupName);

    this.resolveConfig = new TaskFunction(this, 'ResolveConfig', {
      ...defaults,
      name: 'resolve-config',
      description: 'Checks the input of an execution and adds the settings of the cluster',
      timeoutSeconds: 10,
      environment: { CLUSTER_SETTINGS: clusterSettings },
    });

    this.waitForInstance = new TaskFunction(this, 'WaitForInstance', {
      ...defaults,
      name: 'wait-for-instance',
      description: "Looks whether an instance's Systems Manager agent is online",
      timeoutSeconds: 25,
      environment: { MINIMUM_AGENT_VERSION: minimumAgentVersion },
      statements: [
        new PolicyStatement({
          sid: 'Look',
          actions: ['ssm:DescribeInstanceInformation', 'ec2:DescribeInstances'],
          resources: ['*'],
        }),
      ],
    });
    acknowledgeWildcard(this.waitForInstance, '*', 'Neither Describe call has resource-level permissions.');

    this.setWorkerCapacity = new TaskFunction(this, 'SetWorkerCapacity', {
      ...defaults,
      name: 'set-worker-capacity',
      description: 'Raises the Auto Scaling group of the workers to the configured number',
      timeoutSeconds: 55,
      environment: { WORKER_GROUP_NAME: workers.groupName },
      statements: [
        new PolicyStatement({ sid: 'Read', actions: ['autoscaling:DescribeAutoScalingGroups'], resources: ['*'] }),
        new PolicyStatement({ sid: 'Raise', actions: ['autoscaling:SetDesiredCapacity'], resources: [group] }),
      ],
    });
    acknowledgeWildcard(
      this.setWorkerCapacity,
      '*',
      'autoscaling:DescribeAutoScalingGroups has no resource-level permissions.',
    );

    this.waitForJoinCredentials = new TaskFunction(this, 'WaitForJoinCredentials', {
      ...defaults,
      name: 'wait-for-join-credentials',
      description: 'Looks whether the control plane has issued join credentials that are still valid',
      timeoutSeconds: 25,
      environment: { JOIN_SECRET_ID: secrets.join.ref },
      statements: [readSecret(secrets.join.ref)],
    });

    this.waitForNodes = new TaskFunction(this, 'WaitForNodes', {
      ...defaults,
      name: 'wait-for-nodes',
      description: 'Watches the nodes until enough of them, or a certain one, are ready',
      timeoutSeconds: 70,
      memoryMegabytes: 512,
      network: { vpc: network.vpc, securityGroup: network.lambdaSecurityGroup },
      environment: {
        CLUSTER_NAME: defaults.config.clusterName,
        KUBECONFIG_SECRET_ID: secrets.kubeconfigs.viewer.ref,
      },
      statements: [readSecret(secrets.kubeconfigs.viewer.ref)],
    });

    this.completeLifecycleAction = new TaskFunction(this, 'CompleteLifecycleAction', {
      ...defaults,
      name: 'complete-lifecycle-action',
      description: 'Lets an instance into service, or gives it up',
      timeoutSeconds: 25,
      statements: [
        new PolicyStatement({ sid: 'Complete', actions: ['autoscaling:CompleteLifecycleAction'], resources: [group] }),
      ],
    });
    for (const task of [this.setWorkerCapacity, this.completeLifecycleAction]) {
      acknowledgeWildcard(
        task,
        group,
        'The wildcard stands for the id in the ARN of a group; its name is given in full.',
      );
    }
  }
}

function readSecret(arn: string): PolicyStatement {
  return new PolicyStatement({ sid: 'Secret', actions: ['secretsmanager:GetSecretValue'], resources: [arn] });
}
