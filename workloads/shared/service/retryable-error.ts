/** The operation failed for now; it may succeed when it is repeated after `retryAfterSeconds` or later. */
export class RetryableError extends Error {
  override readonly name = 'RetryableError';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
