import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { CfnQueue, type Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { pascalCase } from '../lib/placeholders.ts';
import type { RegisteredMachine, Registry } from '../lib/registry.ts';

export interface ClusterAlarmsProps {
  readonly clusterName: string;
  readonly topic: ITopic;
  readonly registry: Registry;
  /** Pictures wait in it for the detector. */
  readonly jobs: Queue;
}

/** An alarm as a person meets it. */
interface AlarmSpec {
  /** Without the cluster's name. */
  readonly name: string;
  /** One sentence. */
  readonly says: string;
  /** File in docs/runbooks, without its ending. */
  readonly runbook: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default 1 */
  readonly periods?: number;
  readonly whenMissing: TreatMissingData;
}

/** Machines whose end nobody waits for, with what a failure means. A failed run-command fails the machine that called it. */
const watchedMachines: Readonly<Record<string, { readonly says: string; readonly runbook: string }>> = {
  'provision-cluster': { says: 'The cluster was not provisioned.', runbook: 'failed-execution' },
  'join-node': { says: 'A worker did not join; its group launches another one.', runbook: 'join-fails' },
  'drain-node': {
    says: 'A node was not drained; its instance may have ended with pods on it.',
    runbook: 'node-stuck-draining',
  },
  'rotate-credentials': { says: 'Credentials were not renewed.', runbook: 'failed-execution' },
};

/** Functions that run every minute, with what it means when they do not work. */
const watchedFunctions: Readonly<Record<string, string>> = {
  reconcile: 'nothing made up for lost events',
  'copy-pull-secret': 'new namespaces got no pull secret',
  'find-lost-workers': 'nobody looked for workers that are not Ready',
};

const aMinute = Duration.minutes(1);
/** A picture that waits for longer has had its apology long before. */
const maxJobAgeSeconds = 300;
const deadLettersSuffix = '-dead-letters';

/** What wakes somebody up. Each alarm says in its description what has happened and which runbook helps. */
export class ClusterAlarms extends Construct {
  readonly #props: ClusterAlarmsProps;

  constructor(scope: Construct, id: string, props: ClusterAlarmsProps) {
    super(scope, id);
    this.#props = props;
    for (const name of this.#deadLetterQueues()) this.#add(deadLettersAlarm(name, props.clusterName));
    for (const [name, meaning] of Object.entries(watchedMachines)) {
      const metric = failuresOf(props.registry.machine(name));
      const whenMissing = TreatMissingData.NOT_BREACHING;
      this.#add({ name: `${name}-failed`, ...meaning, metric, threshold: 1, whenMissing });
    }
    this.#add({
      name: 'pictures-wait',
      says: `A picture waits for the detector for more than ${maxJobAgeSeconds / 60} minutes.`,
      runbook: 'pictures-wait',
      metric: props.jobs.metricApproximateAgeOfOldestMessage({ period: aMinute, statistic: Stats.MAXIMUM }),
      threshold: maxJobAgeSeconds,
      periods: 3,
      whenMissing: TreatMissingData.NOT_BREACHING,
    });
    for (const [name, meaning] of Object.entries(watchedFunctions)) {
      this.#add({
        name: `${name}-failing`,
        says: `For a quarter of an hour ${meaning}.`,
        runbook: 'failed-execution',
        metric: props.registry.function(name).resource.metricErrors({ period: aMinute, statistic: Stats.SUM }),
        threshold: 1,
        periods: 15,
        whenMissing: TreatMissingData.NOT_BREACHING,
      });
    }
  }

  /** Every queue of the stack that takes what was given up: none is forgotten. */
  #deadLetterQueues(): readonly string[] {
    return Stack.of(this)
      .node.findAll()
      .filter((construct): construct is CfnQueue => construct instanceof CfnQueue)
      .map(({ queueName }) => queueName ?? '')
      .filter((name) => name.endsWith(deadLettersSuffix))
      .toSorted();
  }

  #add({ name, says, runbook, metric, threshold, periods = 1, whenMissing }: AlarmSpec): void {
    const alarm = new Alarm(this, pascalCase(name), {
      alarmName: `${this.#props.clusterName}-${name}`,
      alarmDescription: `${says} Runbook: docs/runbooks/${runbook}.md`,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: whenMissing,
    });
    alarm.addAlarmAction(new SnsAction(this.#props.topic));
  }
}

function deadLettersAlarm(queueName: string, clusterName: string): AlarmSpec {
  return {
    name: queueName.slice(clusterName.length + 1),
    says: `Messages were given up: they are in the queue ${queueName}.`,
    runbook: 'dead-letters',
    metric: new Metric({
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensionsMap: { QueueName: queueName },
      period: aMinute,
      statistic: Stats.MAXIMUM,
    }),
    threshold: 1,
    // A queue that nobody uses stops to report, and keeps its messages.
    whenMissing: TreatMissingData.IGNORE,
  };
}

function failuresOf({ resource }: RegisteredMachine): IMetric {
  const count = { period: aMinute, statistic: Stats.SUM };
  return new MathExpression({
    label: 'failed or timed out',
    expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
    usingMetrics: { failed: resource.metricFailed(count), timedOut: resource.metricTimedOut(count) },
    period: aMinute,
  });
}
