import { existsSync } from 'node:fs';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { describe, expect, it } from 'vitest';
import { clusterTemplate, only, resourcesOf } from '#support/infra.ts';

const template = clusterTemplate();
const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
const topicId = Object.keys(resourcesOf(template, 'AWS::SNS::Topic'))[0]!;

describe('alarms', () => {
  it('every queue of dead letters has an alarm that keeps its state while the queue reports nothing', () => {
    const queues = Object.values(resourcesOf(template, 'AWS::SQS::Queue'))
      .map(({ Properties }) => Properties.QueueName as string)
      .filter((name) => name.endsWith('-dead-letters'));
    expect(queues.length).toBeGreaterThan(6);
    for (const name of queues) {
      const [alarm] = alarms.filter(({ Dimensions }) => Dimensions?.[0]?.Value === name);
      expect(alarm, name).toMatchObject({ Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'ignore' });
    }
  });

  it('each machine whose end nobody waits for has an alarm for failures and time-outs', () => {
    for (const machine of ['provision-cluster', 'join-node', 'drain-node', 'rotate-credentials']) {
      const alarm = alarms.find(({ AlarmName }) => AlarmName === `shapes-${machine}-failed`);
      const metrics = alarm?.Metrics.flatMap((query: { MetricStat?: { Metric: { MetricName: string } } }) =>
        query.MetricStat === undefined ? [] : [query.MetricStat.Metric.MetricName],
      );
      expect(metrics, machine).toEqual(['ExecutionsFailed', 'ExecutionsTimedOut']);
    }
  });

  it('each function that runs every minute has an alarm for a quarter of an hour of errors', () => {
    for (const name of ['reconcile', 'copy-pull-secret', 'find-lost-workers']) {
      const alarm = alarms.find(({ AlarmName }) => AlarmName === `shapes-${name}-failing`);
      expect(alarm, name).toMatchObject({ MetricName: 'Errors', EvaluationPeriods: 15, Period: 60 });
    }
  });

  it('each alarm tells the topic, and names a runbook that exists', () => {
    expect(alarms.length).toBeGreaterThan(10);
    for (const { AlarmName, AlarmActions, AlarmDescription } of alarms) {
      expect(AlarmActions, AlarmName).toEqual([{ Ref: topicId }]);
      const [, runbook] = / Runbook: (docs\/runbooks\/[a-z-]+\.md)$/.exec(AlarmDescription) ?? [];
      expect(runbook !== undefined && existsSync(projectPath(runbook)), AlarmDescription).toBe(true);
    }
  });

  it("the topic's policy lets alarms of this account publish, and nobody without TLS", () => {
    const [policy] = Object.values(resourcesOf(template, 'AWS::SNS::TopicPolicy'));
    expect(policy!.Properties.PolicyDocument.Statement).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ]),
    );
  });

  it('an address in the configuration is subscribed, and without one nobody is', () => {
    const told = clusterTemplate({ alarms: { email: 'ops@example.com' } });
    expect(only(told, 'AWS::SNS::Subscription', () => true).Properties).toMatchObject({
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
    expect(resourcesOf(template, 'AWS::SNS::Subscription')).toEqual({});
  });
});
