import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import { executionArns } from './arns.ts';
import { acknowledge, acknowledgeWildcard } from './nag.ts';

export interface AslStateMachineProps {
  readonly config: ClusterConfig;
  /** The machine's name without the cluster's, e.g. run-command. */
  readonly name: string;
  /** Path of the .asl.json file. */
  readonly file: string;
  /** Functions by placeholder: `${StartCommand}` becomes the function's ARN, and the machine may invoke it. */
  readonly functions: Readonly<Record<string, IFunction>>;
  /** Machines by placeholder that this one starts and waits for (`startExecution.sync:2`). @default none */
  readonly machines?: Readonly<Record<string, AslStateMachine>>;
  /** Other text by placeholder, such as names of documents. @default none */
  readonly texts?: Readonly<Record<string, string>>;
}

/** The placeholders of a state machine's file and what is filled in are not the same. */
export class SubstitutionMismatchError extends Error {
  override readonly name = 'SubstitutionMismatchError';
}

/** A state machine whose file and substitutions are proved to match at synth. */
export class AslStateMachine extends Construct {
  readonly stateMachine: StateMachine;
  readonly machineName: string;

  constructor(
    scope: Construct,
    id: string,
    { config, name, file, functions, machines = {}, texts = {} }: AslStateMachineProps,
  ) {
    super(scope, id);
    this.machineName = `${config.clusterName}-${name}`;
    const definition = readFileSync(file, 'utf8');
    const substitutions = {
      ...mapValues(functions, ({ functionArn }) => functionArn),
      ...mapValues(machines, ({ stateMachine }) => stateMachine.stateMachineArn),
      ...texts,
    };
    assertSubstitutions(file, definition, Object.keys(substitutions));

    this.stateMachine = new StateMachine(this, 'Resource', {
      stateMachineName: this.machineName,
      // Inline rather than an asset: a deployment shows what changes in the machine.
      definitionBody: DefinitionBody.fromString(JSON.stringify(JSON.parse(definition))),
      definitionSubstitutions: substitutions,
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Log', {
          logGroupName: `/aws/vendedlogs/states/${this.machineName}`,
          retention: config.retention.logsDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false, // the execution history has it, and there it cannot outlive the execution
      },
    });
    acknowledge(this, {
      'IAM5[Resource::*]':
        'Step Functions needs its log delivery and X-Ray actions on all resources: neither has a narrower form.',
    });
    this.#allow(
      ['lambda:InvokeFunction'],
      Object.values(functions).map(({ functionArn }) => functionArn),
    );
    for (const machine of Object.values(machines)) this.#allowStartAndWait(machine);
  }

  #allowStartAndWait(machine: AslStateMachine): void {
    const executions = executionArns(this, machine.machineName);
    this.#allow(['states:StartExecution'], [machine.stateMachine.stateMachineArn]);
    this.#allow(['states:DescribeExecution', 'states:StopExecution'], [executions]);
    acknowledgeWildcard(this, executions, 'The executions to follow have no names before they are started.');
    // Step Functions learns of the end of a nested execution by an EventBridge rule that it manages itself.
    const rule = 'StepFunctionsGetEventsForStepFunctionsExecutionRule';
    this.#allow(
      ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      [Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: rule })],
    );
  }

  #allow(actions: string[], resources: string[]): void {
    this.stateMachine.addToRolePolicy(new PolicyStatement({ actions, resources }));
  }
}

function assertSubstitutions(file: string, definition: string, filled: readonly string[]): void {
  const wanted = new Set([...definition.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!));
  const missing = [...wanted].filter((name) => !filled.includes(name));
  const unused = filled.filter((name) => !wanted.has(name));
  if (missing.length + unused.length === 0) return;
  const parts = [
    missing.length > 0 ? `it names ${missing.join(', ')}, which nothing fills in` : '',
    unused.length > 0 ? `it does not name ${unused.join(', ')}, which infra fills in` : '',
  ];
  throw new SubstitutionMismatchError(`${basename(file)}: ${parts.filter(Boolean).join('; ')}`);
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
