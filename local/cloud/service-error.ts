/** An error of an AWS service, sent to the caller with its documented code. */
export class ServiceError extends Error {
  readonly code: string;
  /** HTTP status. */
  readonly status: number;
  /** Members of the error's documented structure besides its message. Only the JSON protocols carry them. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.details = details;
  }
}
