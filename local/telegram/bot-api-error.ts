/** A request that the Bot API refuses; `message` is the response's description. */
export class BotApiError extends Error {
  override readonly name = 'BotApiError';
  readonly code: 400 | 401 | 404 | 500;

  constructor(code: BotApiError['code'], description: string) {
    super(description);
    this.code = code;
  }
}
