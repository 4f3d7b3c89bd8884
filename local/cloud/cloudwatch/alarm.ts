/** An alarm as data, and how its state follows from its datapoints. */
import { z } from 'zod';
import { templateNumber } from '../resource.ts';

const statistic = z.enum(['Sum', 'Maximum', 'Minimum', 'Average']);
const dimensions = z.array(z.object({ Name: z.string(), Value: z.string() })).default([]);

const metricSchema = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensions });
export type MetricIdentity = z.output<typeof metricSchema>;

/** A sum of metrics that count as a number when they have no datapoint. */
const sumExpression = /^FILL\(\w+, \d+\)(?: \+ FILL\(\w+, \d+\))*$/;

const metricQuery = z.object({
  Id: z.string(),
  Expression: z.string().regex(sumExpression, 'the twin adds metrics up: FILL(a, 0) + FILL(b, 0)').optional(),
  MetricStat: z.object({ Metric: metricSchema, Period: templateNumber, Stat: statistic }).optional(),
});

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudwatch-alarm.html */
export const alarmProperties = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().max(1024).default(''),
  AlarmActions: z.array(z.string()).max(5).default([]),
  ComparisonOperator: z.literal('GreaterThanOrEqualToThreshold'),
  Threshold: templateNumber,
  EvaluationPeriods: templateNumber,
  TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).default('missing'),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions: dimensions,
  Statistic: statistic.optional(),
  Metrics: z.array(metricQuery).optional(),
});
export type AlarmProperties = z.output<typeof alarmProperties>;

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** The metrics whose sum an alarm watches. */
export function metricsOf({ Namespace, MetricName, Dimensions, Metrics }: AlarmProperties): readonly MetricIdentity[] {
  if (Namespace !== undefined && MetricName !== undefined) return [{ Namespace, MetricName, Dimensions }];
  return (Metrics ?? []).flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Metric]));
}

/**
 * @param datapoints of the latest periods, the newest last; undefined is a period without one
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function stateOf(
  { Threshold, EvaluationPeriods, TreatMissingData }: AlarmProperties,
  datapoints: readonly (number | undefined)[],
  state: AlarmState,
): AlarmState {
  const latest = datapoints.slice(-EvaluationPeriods);
  if (latest.length < EvaluationPeriods) return state;
  if (latest.every((value) => value === undefined)) {
    if (TreatMissingData === 'ignore') return state;
    if (TreatMissingData === 'missing') return 'INSUFFICIENT_DATA';
  }
  const isBreaching = (value: number | undefined) =>
    value === undefined ? TreatMissingData === 'breaching' : value >= Threshold;
  return latest.every(isBreaching) ? 'ALARM' : 'OK';
}
