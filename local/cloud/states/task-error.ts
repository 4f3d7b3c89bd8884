/** A task's failure: Retry and Catch match `name`; `message` becomes the Cause. */
export class TaskError extends Error {
  constructor(error: string, cause: string) {
    super(cause);
    this.name = error;
  }
}

/** The attempt belongs to a branch or an execution that is over. Nothing may retry or catch it. */
export class TaskAbortedError extends Error {
  override readonly name = 'States.TaskAborted';
  // The interpreter asks errors for these two.
  readonly isRetryable = false;
  readonly isCatchable = false;
}
