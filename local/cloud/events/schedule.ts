const unitSeconds: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/** A schedule expression that EventBridge refuses, or that the twin cannot run. */
export class InvalidScheduleError extends Error {
  override readonly name = 'ValidationException';
}

/**
 * Seconds between two runs of a rate expression such as `rate(5 minutes)`; one of something is singular.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * @throws InvalidScheduleError
 */
export function scheduleSecondsOf(expression: string): number {
  const [, value = '', unit = '', plural] = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const seconds = unitSeconds[unit];
  if (seconds === undefined || (value === '1') !== (plural === '')) {
    const known = 'the twin runs rate(1 minute|hour|day) and rate(N minutes|hours|days)';
    throw new InvalidScheduleError(`Parameter ScheduleExpression is not valid: "${expression}"; ${known}`);
  }
  return Number(value) * seconds;
}
