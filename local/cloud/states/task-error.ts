/** A failed task: Retry and Catch match `name` against ErrorEquals; `message` becomes the Cause. */
export class TaskError extends Error {
  constructor(error: string, cause: string) {
    super(cause);
    this.name = error;
  }
}

/** The attempt belongs to a branch or an execution that has ended: it must be neither retried nor caught. */
export class TaskAbortedError extends Error {
  override readonly name = 'States.TaskAborted';
  // The interpreter reads these two properties of errors.
  readonly isRetryable = false;
  readonly isCatchable = false;
}
