import { type IManagedPolicy, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeManagedPolicy, acknowledgeWildcard } from '../lib/nag.ts';

export interface NodeRoleProps {
  readonly description: string;
  /** AWS managed policy for the node's Kubernetes component, with the reason why it is accepted. */
  readonly kubernetesPolicy: { readonly name: string; readonly reason: string };
  /** Log group of the documents' full output: the agent writes it with this role. */
  readonly commandLog: ILogGroup;
}

/** For Run Command and Session Manager. The managed policy AmazonSSMManagedInstanceCore could also read every parameter. */
const agentActions = [
  'ssm:UpdateInstanceInformation',
  'ssm:ListAssociations',
  'ssm:ListInstanceAssociations',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
  'ec2messages:AcknowledgeMessage',
  'ec2messages:DeleteMessage',
  'ec2messages:FailMessage',
  'ec2messages:GetEndpoint',
  'ec2messages:GetMessages',
  'ec2messages:SendReply',
];

/** The role of an instance: the Systems Manager agent, image pulls and its Kubernetes component; callers add statements. */
export class NodeRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: NodeRoleProps) {
    super(scope, id);
    const pullPolicy = 'AmazonEC2ContainerRegistryPullOnly';

    this.role = new Role(this, 'Resource', {
      description: props.description,
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [props.kubernetesPolicy.name, pullPolicy].map(awsManaged),
    });
    this.role.addToPolicy(new PolicyStatement({ sid: 'Agent', actions: agentActions, resources: ['*'] }));
    this.role.addToPolicy(
      new PolicyStatement({
        sid: 'CommandOutput',
        actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        resources: [props.commandLog.logGroupArn],
      }),
    );
    this.role.addToPolicy(
      new PolicyStatement({ sid: 'FindCommandLog', actions: ['logs:DescribeLogGroups'], resources: ['*'] }),
    );

    acknowledgeManagedPolicy(this, props.kubernetesPolicy.name, props.kubernetesPolicy.reason);
    acknowledgeManagedPolicy(
      this,
      pullPolicy,
      'Pulling is all it allows, and a cluster pulls from every repository of its account.',
    );
    acknowledgeWildcard(
      this,
      '*',
      'The Systems Manager agent addresses its own channel: ssmmessages and ec2messages have no resource-level permissions. It also lists log groups to see that its own exists, without naming one.',
    );
  }
}

function awsManaged(name: string): IManagedPolicy {
  return ManagedPolicy.fromAwsManagedPolicyName(name);
}
