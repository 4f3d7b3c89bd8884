const unitSeconds: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

/** A schedule expression is not one that the twin can run. */
export class InvalidScheduleError extends Error {
  override readonly name = 'InvalidScheduleError';
}

/** Seconds between two runs of a rate expression such as `rate(5 minutes)`. @throws InvalidScheduleError */
export function scheduleSecondsOf(expression: string): number {
  const [, value, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const seconds = unitSeconds[unit];
  if (value === undefined || seconds === undefined) {
    throw new InvalidScheduleError(`ScheduleExpression "${expression}": the twin runs rate(N minutes|hours|days)`);
  }
  return Number(value) * seconds;
}
