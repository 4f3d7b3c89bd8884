import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { type Account, clientSettings } from '../aws/client-settings.ts';
import { readStack } from '../aws/stack-output.ts';
import { readWorkerGroup } from '../aws/worker-group.ts';
import { attentionOf } from './attention.ts';
import { readControlPlanes } from './control-planes.ts';
import { latestExecutions } from './executions.ts';
import { readSecrets } from './secrets.ts';
import type { ClusterStatus } from './status.ts';

export interface StatusRequest {
  readonly account: Account;
  readonly stackName: string;
}

/**
 * Reads a cluster's state from AWS: its parts side by side, a few calls each. Calls cloudformation:DescribeStacks, ec2:DescribeInstances,
 * autoscaling:DescribeAutoScalingGroups, states:ListExecutions and DescribeExecution, secretsmanager:ListSecrets.
 * @throws StackNotDeployedError
 */
export async function readStatus({ account, stackName }: StatusRequest, signal: AbortSignal): Promise<ClusterStatus> {
  const { status, outputs } = await readStack(stackName, account, signal);
  const cluster = outputs.get('ClusterName') ?? stackName;
  const settings = clientSettings(account);
  const [controlPlanes, workers, executions, secrets] = await Promise.all([
    readControlPlanes(settings, cluster, signal),
    readWorkerGroup(new AutoScalingClient(settings), outputs.get('WorkerGroupName') ?? `${cluster}-workers`, signal),
    latestExecutions(settings, machineArns(outputs), cluster, signal),
    readSecrets(settings, cluster, signal),
  ]);
  const found = {
    cluster,
    region: account.region,
    stack: { name: stackName, status },
    controlPlanes,
    workers,
    executions,
    secrets,
  };
  return { ...found, attention: attentionOf(found) };
}

const machineArns = (outputs: ReadonlyMap<string, string>): readonly string[] =>
  [...outputs].filter(([key]) => key.endsWith('MachineArn')).map(([, arn]) => arn);
