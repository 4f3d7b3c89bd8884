import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { executionArns } from '../lib/arns.ts';
import { acknowledge, acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';

export interface LeasesProps {
  readonly defaults: FunctionDefaults;
}

/** As long as the longest machine may run: provision-cluster. */
const leaseTimeoutSeconds = 7200;

/** The machines that reserve what they change. Theirs are the only owners that take-lease has to look at. */
const owners = ['provision-cluster', 'rotate-credentials', 'join-node'];

/** Who is changing the cluster, its control plane or a node: docs/decisions/0069. */
export class Leases extends Construct {
  constructor(scope: Construct, id: string, { defaults }: LeasesProps) {
    super(scope, id);
    const { clusterName } = defaults.config;
    const table = new Table(this, 'Table', {
      tableName: `${clusterName}-leases`,
      partitionKey: { name: 'resource', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAtSeconds',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(table, {
      DDB3: 'An item lives for two hours at most; a restored one would block a machine that nothing blocks.',
    });

    const executions = owners.map((name) => executionArns(this, `${clusterName}-${name}`));
    const takeLease = new TaskFunction(this, 'TakeLease', {
      ...defaults,
      name: 'take-lease',
      description: 'Reserves what only one execution may change at a time',
      timeoutSeconds: 25,
      environment: { LEASES_TABLE: table.tableName, LEASE_TIMEOUT_SECONDS: String(leaseTimeoutSeconds) },
      statements: [
        new PolicyStatement({
          sid: 'Leases',
          actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
          resources: [table.tableArn],
        }),
        new PolicyStatement({ sid: 'Owners', actions: ['states:DescribeExecution'], resources: executions }),
      ],
    });
    for (const arn of executions)
      acknowledgeWildcard(takeLease, arn, 'An owner is any execution of the machines that take leases.');
    new TaskFunction(this, 'ReleaseLease', {
      ...defaults,
      name: 'release-lease',
      description: 'Ends a lease of an execution',
      timeoutSeconds: 25,
      environment: { LEASES_TABLE: table.tableName },
      statements: [
        new PolicyStatement({ sid: 'Leases', actions: ['dynamodb:DeleteItem'], resources: [table.tableArn] }),
      ],
    });
  }
}
