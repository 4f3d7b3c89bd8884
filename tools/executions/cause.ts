import type { Failure } from './history-events.ts';

/** What a failed Lambda function leaves as its cause. */
interface LambdaReport {
  readonly errorType?: string;
  readonly errorMessage: string;
}

/** What a failed nested execution leaves as its cause: its description. */
interface ExecutionReport {
  readonly ExecutionArn: string;
  readonly Status: string;
  readonly Error?: string;
  readonly Cause?: string;
}

/**
 * Unpacks the JSON that Step Functions puts into the cause of a failed function or of a failed nested execution,
 * down to the error that started it.
 * @example { error: 'States.TaskFailed', cause: '{"ExecutionArn":..,"Error":"CommandFailed","Cause":"exit code 1"}' }
 *   gives { error: 'CommandFailed', cause: 'exit code 1' }
 */
export function unpackFailure(failure: Failure): Failure {
  const report = reportIn(failure.cause);
  if (report === undefined) return failure;
  if ('errorMessage' in report) return { error: report.errorType ?? failure.error, cause: report.errorMessage };
  return unpackFailure({ error: report.Error ?? report.Status, cause: report.Cause ?? '' });
}

/** The nested execution that a cause tells of. */
export function executionArnIn(cause: string): string | undefined {
  const report = reportIn(cause);
  return report !== undefined && 'ExecutionArn' in report ? report.ExecutionArn : undefined;
}

function reportIn(cause: string): LambdaReport | ExecutionReport | undefined {
  if (!cause.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(cause) as Partial<LambdaReport & ExecutionReport>;
    const isLambdaReport = typeof value.errorMessage === 'string';
    const isExecutionReport = typeof value.ExecutionArn === 'string' && typeof value.Status === 'string';
    return isLambdaReport || isExecutionReport ? (value as LambdaReport | ExecutionReport) : undefined;
  } catch {
    return undefined; // not JSON, although it begins like it
  }
}
