import type { CloudView, ExecutionView } from '../../contracts/views.ts';
import type { MetricIdentity } from './alarm.ts';

/** Real milliseconds since 1970. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/**
 * What the services of the twin report for a period: SQS about queues, Step Functions about machines.
 * @returns undefined: no datapoint
 */
export function datapointOf({ Namespace, MetricName, Dimensions }: MetricIdentity, view: CloudView, period: Period) {
  const [dimension] = Dimensions;
  const subject = dimension?.Value ?? '';
  switch (`${Namespace}/${MetricName}`) {
    case 'AWS/SQS/ApproximateNumberOfMessagesVisible':
      return queueNamed(view, subject)?.visible;
    case 'AWS/SQS/ApproximateAgeOfOldestMessage':
      return queueNamed(view, subject)?.oldestSeconds;
    case 'AWS/States/ExecutionsFailed':
      return ended(view, subject, 'FAILED', period);
    case 'AWS/States/ExecutionsTimedOut':
      return ended(view, subject, 'TIMED_OUT', period);
    default:
      return undefined;
  }
}

const queueNamed = ({ queues }: CloudView, name: string) => queues.find((queue) => queue.name === name);

function ended(
  { executions }: CloudView,
  machineArn: string,
  status: ExecutionView['status'],
  { from, to }: Period,
): number {
  const machine = machineArn.split(':').at(-1);
  return executions.filter((execution) => {
    const stoppedAt = Date.parse(execution.stoppedAt ?? '');
    return execution.machine === machine && execution.status === status && stoppedAt >= from && stoppedAt < to;
  }).length;
}
