import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import { executionArns } from './arns.ts';
import { machineFile } from './machine-files.ts';
import { acknowledge, acknowledgeWildcard } from './nag.ts';
import { fillPlaceholders, placeholdersIn } from './placeholders.ts';
import type { RegisteredMachine, Registry } from './registry.ts';

export interface AslStateMachineProps {
  readonly config: ClusterConfig;
  /** The machine's name without the cluster's, e.g. run-command. */
  readonly name: string;
  readonly registry: Registry;
  /** @default state-machines/<name>.asl.json */
  readonly file?: string;
}

/** A state machine's file names a placeholder that nothing is registered for. */
export class UnknownPlaceholderError extends Error {
  override readonly name = 'UnknownPlaceholderError';
}

/** Step Functions reports the end of a nested execution some time after it: its own time limit must come first. */
const nestedMarginSeconds = 300;

/**
 * A state machine from its file. The registry fills in what the file names, and the machine's role may invoke exactly the
 * functions, and start exactly the machines, that the file names. Registers itself for the machines that come after it.
 */
export class AslStateMachine extends Construct {
  readonly stateMachine: StateMachine;

  constructor(
    scope: Construct,
    id: string,
    { config, name, registry, file = machineFile(name) }: AslStateMachineProps,
  ) {
    super(scope, id);
    const machineName = `${config.clusterName}-${name}`;
    const text = readFileSync(file, 'utf8');
    const placeholders = [...placeholdersIn(text)];
    const unknown = placeholders.filter((placeholder) => !registry.has(placeholder));
    if (unknown.length > 0) {
      throw new UnknownPlaceholderError(`${basename(file)}: nothing is registered for ${unknown.join(', ')}`);
    }
    const definition = fillPlaceholders(text, (placeholder) => registry.value(placeholder)) as {
      readonly TimeoutSeconds: number;
    };

    this.stateMachine = new StateMachine(this, 'Resource', {
      stateMachineName: machineName,
      // Inline rather than an asset: `cdk diff` shows what changes in the machine.
      definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Log', {
          logGroupName: `/aws/vendedlogs/states/${machineName}`,
          retention: config.retention.logsDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false, // the execution history has it; a copy in the log would outlive the execution
      },
    });
    acknowledge(this, {
      'IAM5[Resource::*]':
        'Step Functions needs its log delivery and X-Ray actions on all resources: neither has a narrower form.',
    });
    const functions = placeholders.flatMap((placeholder) => registry.functionOf(placeholder) ?? []);
    if (functions.length > 0) {
      const arns = functions.map(({ resource }) => resource.functionArn);
      this.#allow(['lambda:InvokeFunction'], arns);
    }
    for (const machine of placeholders.flatMap((placeholder) => registry.machineOf(placeholder) ?? [])) {
      this.#allowStartAndWait(machine);
    }
    registry.addMachine(name, {
      resource: this.stateMachine,
      name: machineName,
      timeoutSeconds: definition.TimeoutSeconds + nestedMarginSeconds,
    });
  }

  /** For `startExecution.sync:2`. */
  #allowStartAndWait(machine: RegisteredMachine): void {
    const executions = executionArns(this, machine.name);
    this.#allow(['states:StartExecution'], [machine.resource.stateMachineArn]);
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
