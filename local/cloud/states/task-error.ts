/** A failed task: Retry and Catch match `name` against ErrorEquals; `message` becomes the Cause. */
export class TaskError extends Error {
  constructor(error: string, cause: string) {
    super(cause);
    this.name = error;
  }
}

/** A timeout, a missed heartbeat, or a nested execution that timed out: without a cause, as on AWS. */
export const timeoutError = () => new TaskError('States.Timeout', '');

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const maxDataBytes = 262_144;
export const maxCauseLength = 32_768;
export const maxErrorLength = 256;

/** More data than a state may pass on. States.ALL does not stand for it. */
export class DataLimitExceededError extends Error {
  override readonly name = 'States.DataLimitExceeded';
  // The interpreter reads these two properties of errors.
  readonly isRetryable = false;
  readonly isCatchable = false;
}

/** The attempt belongs to a branch or an execution that has ended: it must be neither retried nor caught. */
export class TaskAbortedError extends Error {
  override readonly name = 'States.TaskAborted';
  // The interpreter reads these two properties of errors.
  readonly isRetryable = false;
  readonly isCatchable = false;
}
