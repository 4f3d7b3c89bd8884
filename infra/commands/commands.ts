import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { documentArn, ec2Arn, machineArn } from '../lib/arns.ts';
import { AslStateMachine } from '../lib/asl-state-machine.ts';
import { acknowledge, acknowledgeWildcard } from '../lib/nag.ts';
import { type FunctionDefaults, TaskFunction } from '../lib/task-function.ts';
import type { CommandDocuments } from './command-documents.ts';
import { commandTimeLimits, deliverySeconds } from './time-limits.ts';

export interface CommandsProps {
  readonly defaults: FunctionDefaults;
  readonly documents: CommandDocuments;
  readonly commandLog: ILogGroup;
}

/** The run-command machine and what it needs to wait for a Systems Manager command without polling. */
export class Commands extends Construct {
  /** One item per command: its task token, or its final status if that came first. */
  readonly table: Table;
  /** Environment of a function that completes the tasks of commands. */
  readonly completionEnvironment: Readonly<Record<string, string>>;

  readonly #machineArn: string;

  constructor(scope: Construct, id: string, { defaults, documents, commandLog }: CommandsProps) {
    super(scope, id);
    const { config, registry } = defaults;
    const { clusterName } = config;
    this.#machineArn = machineArn(this, `${clusterName}-run-command`);

    this.table = new Table(this, 'Table', {
      tableName: `${clusterName}-commands`,
      partitionKey: { name: 'commandId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAtSeconds',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(this.table, {
      DDB3: 'An item lives for a day at most; restored items would hold task tokens of executions that have ended.',
    });

    this.completionEnvironment = { COMMANDS_TABLE: this.table.tableName, COMMAND_LOG_GROUP: commandLog.logGroupName };

    const anyInstance = ec2Arn(this, 'instance', '*');
    const startCommand = new TaskFunction(this, 'StartCommand', {
      ...defaults,
      name: 'start-command',
      description: 'Sends a document to an instance and keeps the task token for its end',
      timeoutSeconds: 30,
      environment: { ...this.completionEnvironment, DELIVERY_TIMEOUT_SECONDS: String(deliverySeconds) },
      statements: [
        ...this.completionStatements(),
        new PolicyStatement({
          sid: 'Documents',
          actions: ['ssm:SendCommand'],
          resources: documents.physicalNames.map((name) => documentArn(this, name)),
        }),
        new PolicyStatement({
          sid: 'Instances',
          actions: ['ssm:SendCommand'],
          resources: [anyInstance],
          // Systems Manager's own condition key: the global aws:ResourceTag fails when an AWS service calls SendCommand.
          conditions: { StringEquals: { [`ssm:resourceTag/kubernetes.io/cluster/${clusterName}`]: 'owned' } },
        }),
      ],
    });
    acknowledgeWildcard(
      startCommand,
      anyInstance,
      'Instances come and go; the condition binds it to those with the tag of the cluster.',
    );

    const finishCommand = new TaskFunction(this, 'FinishCommand', {
      ...defaults,
      name: 'finish-command',
      description: 'Completes the task of a command that has ended',
      timeoutSeconds: 60,
      environment: this.completionEnvironment,
      statements: this.completionStatements(),
    });
    for (const task of [startCommand, finishCommand]) {
      acknowledgeWildcard(task, '*', 'ssm:GetCommandInvocation has no resource-level permissions.');
    }

    const limits = commandTimeLimits(documents.maxTimeoutSeconds);
    registry.addValue('CommandTimeoutSeconds', limits.commandTimeoutSeconds);
    registry.addValue('RetriedCommandTimeoutSeconds', limits.retriedCommandTimeoutSeconds);
    new AslStateMachine(this, 'RunCommand', { config, name: 'run-command', registry });
  }

  /** Permissions of a function that completes the tasks of commands. */
  completionStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'CommandRecords',
        actions: ['dynamodb:UpdateItem'],
        resources: [this.table.tableArn],
      }),
      new PolicyStatement({
        sid: 'CompleteTask',
        actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'],
        resources: [this.#machineArn],
      }),
      new PolicyStatement({ sid: 'ReadInvocation', actions: ['ssm:GetCommandInvocation'], resources: ['*'] }),
    ];
  }
}
