import type { CloudView } from '../../contracts/views.ts';
import { arnOf } from '../arns.ts';
import { provider } from '../resource.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import type { SnsModule } from '../sns/module.ts';
import { type AlarmProperties, type AlarmState, alarmProperties, metricsOf, stateOf } from './alarm.ts';
import { datapointOf, type Period } from './metrics.ts';

interface Alarm {
  readonly properties: AlarmProperties;
  readonly arn: string;
  /** The newest last; undefined is a period without one. */
  readonly datapoints: (number | undefined)[];
  state: AlarmState;
}

const periodSeconds = 60;
/** Simulated minutes may be short: what happens takes its real time. */
const minPeriodMilliseconds = 1000;

/** CloudWatch: alarms on what SQS and Step Functions report. */
export function createCloudWatchModule(core: CloudCore, sns: SnsModule, view: () => CloudView): CloudModule {
  const alarms: Alarm[] = [];
  let timer: NodeJS.Timeout | undefined;
  let period: Period = { from: 0, to: Date.now() };

  const evaluate = (): void => {
    period = { from: period.to, to: Date.now() };
    const current = view();
    for (const alarm of alarms) {
      const values = metricsOf(alarm.properties).map((metric) => datapointOf(metric, current, period));
      const known = values.filter((value) => value !== undefined);
      alarm.datapoints.push(known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0));
      if (alarm.datapoints.length > alarm.properties.EvaluationPeriods) alarm.datapoints.shift();
      const state = stateOf(alarm.properties, alarm.datapoints, alarm.state);
      if (state === alarm.state) continue;
      const previous = alarm.state;
      alarm.state = state;
      core.context.changed();
      if (state === 'ALARM') act(alarm, previous);
    }
  };

  const act = ({ properties, arn, datapoints }: Alarm, previous: AlarmState): void => {
    const { AlarmName, AlarmDescription, AlarmActions, Threshold } = properties;
    const reason = `Threshold Crossed: the latest datapoints [${datapoints.join(', ')}] were greater than or equal to the threshold (${Threshold}).`;
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
    const message = {
      AlarmName,
      AlarmDescription,
      AWSAccountId: core.accountId,
      NewStateValue: 'ALARM',
      NewStateReason: reason,
      StateChangeTime: new Date(core.context.time.now()).toISOString(),
      Region: core.region,
      AlarmArn: arn,
      OldStateValue: previous,
    };
    for (const topicArn of AlarmActions) {
      try {
        sns.publishForService({
          topicArn,
          principal: 'cloudwatch.amazonaws.com',
          sourceArn: arn,
          subject: `ALARM: "${AlarmName}" in ${core.region}`,
          message: JSON.stringify(message),
        });
      } catch (error) {
        core.context.log('cloudwatch', `the action of ${AlarmName} failed: ${(error as Error).message}`);
      }
    }
  };

  return {
    services: [],
    providers: [
      provider('AWS::CloudWatch::Alarm', alarmProperties, ({ properties }) => {
        const arn = arnOf(core, 'cloudwatch', `alarm:${properties.AlarmName}`);
        alarms.push({ properties, arn, datapoints: [], state: 'INSUFFICIENT_DATA' });
        return { ref: properties.AlarmName, attributes: { Arn: arn } };
      }),
    ],
    view: () => ({
      alarms: alarms.map(({ properties, state }) => ({
        name: properties.AlarmName,
        description: properties.AlarmDescription,
        state,
      })),
    }),
    async start() {
      timer = setInterval(evaluate, Math.max(minPeriodMilliseconds, core.context.time.milliseconds(periodSeconds)));
    },
    async stop() {
      clearInterval(timer);
    },
  };
}
