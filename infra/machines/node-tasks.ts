import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ClusterSecrets } from '../identity/cluster-secrets.ts';
import { groupArn } from '../lib/arns.ts';
import { autoscaledTag } from '../lib/autoscaled-tag.ts';
import { acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { Network } from '../nodes/network.ts';
import type { Workers } from '../nodes/workers.ts';

export interface NodeTasksProps {
  readonly defaults: FunctionDefaults;
  readonly network: Network;
  readonly workers: Workers;
  readonly secrets: ClusterSecrets;
}

/** The oldest Systems Manager agent that passes parameters to scripts as environment variables. */
const minimumAgentVersion = '3.3.2746.0';

/** Then disruption budgets are bypassed: a budget that can never be kept must not keep an instance for ever. */
const drainTimeoutSeconds = 900;

/** The functions that bring an instance into the cluster and out of it, for provision-cluster, join-node and drain-node. */
export class NodeTasks extends Construct {
  constructor(scope: Construct, id: string, { defaults, network, workers, secrets }: NodeTasksProps) {
    super(scope, id);
    const { clusterName, workers: workerConfig } = defaults.config;
    const group = groupArn(this, workers.groupName);

    const waitForInstance = new TaskFunction(this, 'WaitForInstance', {
      ...defaults,
      name: 'wait-for-instance',
      description: "Checks whether an instance's Systems Manager agent is online",
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
    acknowledgeWildcard(waitForInstance, '*', 'Neither Describe call has resource-level permissions.');

    const setWorkerCapacity = new TaskFunction(this, 'SetWorkerCapacity', {
      ...defaults,
      name: 'set-worker-capacity',
      description: 'Raises the Auto Scaling group of the workers to the requested capacity',
      timeoutSeconds: 55,
      environment: {
        WORKER_GROUP_NAME: workers.groupName,
        DEFAULT_WORKERS: String(workerConfig.desired),
        MIN_WORKERS: String(workerConfig.min),
        ...(workerConfig.autoscaling ? { AUTOSCALER_TAG: autoscaledTag } : {}),
      },
      statements: [
        new PolicyStatement({ sid: 'Read', actions: ['autoscaling:DescribeAutoScalingGroups'], resources: ['*'] }),
        new PolicyStatement({
          sid: 'Raise',
          actions: [
            'autoscaling:UpdateAutoScalingGroup',
            ...(workerConfig.autoscaling ? ['autoscaling:CreateOrUpdateTags'] : []),
          ],
          resources: [group],
        }),
      ],
    });
    acknowledgeWildcard(
      setWorkerCapacity,
      '*',
      'autoscaling:DescribeAutoScalingGroups has no resource-level permissions.',
    );

    const findInstances = new PolicyStatement({ sid: 'Find', actions: ['ec2:DescribeInstances'], resources: ['*'] });
    const waitForJoinCredentials = new TaskFunction(this, 'WaitForJoinCredentials', {
      ...defaults,
      name: 'wait-for-join-credentials',
      description: 'Checks whether the control plane has issued join credentials that are still valid',
      timeoutSeconds: 25,
      environment: { CLUSTER_NAME: clusterName, JOIN_SECRET_ID: secrets.join.ref },
      statements: [readSecret(secrets.join.ref), findInstances],
    });
    const findControlPlane = new TaskFunction(this, 'FindControlPlane', {
      ...defaults,
      name: 'find-control-plane',
      description: 'Finds the running control plane',
      timeoutSeconds: 25,
      environment: { CLUSTER_NAME: clusterName },
      statements: [findInstances],
    });
    for (const task of [waitForJoinCredentials, findControlPlane])
      acknowledgeWildcard(task, '*', 'ec2:DescribeInstances has no resource-level permissions.');

    new TaskFunction(this, 'WaitForNodes', {
      ...defaults,
      name: 'wait-for-nodes',
      description: 'Watches the nodes until enough of them, or a certain one, are Ready',
      timeoutSeconds: 70,
      memoryMegabytes: 512,
      network: { vpc: network.vpc, securityGroup: network.lambdaSecurityGroup },
      environment: { CLUSTER_NAME: clusterName, KUBECONFIG_SECRET_ID: secrets.kubeconfigs.viewer.ref },
      statements: [readSecret(secrets.kubeconfigs.viewer.ref)],
    });

    new TaskFunction(this, 'DrainNode', {
      ...defaults,
      name: 'drain-node',
      description: 'Takes a node out of service and evicts its pods',
      timeoutSeconds: 70,
      memoryMegabytes: 512,
      network: { vpc: network.vpc, securityGroup: network.lambdaSecurityGroup },
      environment: {
        DRAIN_TIMEOUT_SECONDS: String(drainTimeoutSeconds),
        KUBECONFIG_SECRET_ID: secrets.kubeconfigs.drainer.ref,
      },
      statements: [readSecret(secrets.kubeconfigs.drainer.ref)],
    });

    const terminateWorker = new TaskFunction(this, 'TerminateWorker', {
      ...defaults,
      name: 'terminate-worker',
      description: 'Has the group end a worker and launch another one',
      timeoutSeconds: 25,
      statements: [
        new PolicyStatement({
          sid: 'Terminate',
          actions: ['autoscaling:TerminateInstanceInAutoScalingGroup'],
          resources: [group],
        }),
      ],
    });
    const completeLifecycleAction = new TaskFunction(this, 'CompleteLifecycleAction', {
      ...defaults,
      name: 'complete-lifecycle-action',
      description: 'Lets an instance enter service or end, or has its group replace it',
      timeoutSeconds: 25,
      statements: [
        new PolicyStatement({ sid: 'Complete', actions: ['autoscaling:CompleteLifecycleAction'], resources: [group] }),
      ],
    });
    for (const task of [setWorkerCapacity, terminateWorker, completeLifecycleAction]) {
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
