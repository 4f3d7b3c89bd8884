/** A request that the Bot API refuses; `message` is the response's description. */
export class BotApiError extends Error {
  override readonly name = 'BotApiError';
  readonly code: 400 | 401 | 403 | 404 | 429 | 500;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: BotApiError['code'], description: string, retryAfterSeconds?: number) {
    super(description);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
