/** The message comes back as a new one after a pause that was foreseen: no attempt is used up. */
export class PostponedError extends Error {
  override readonly name = 'PostponedError';
  readonly afterSeconds: number;

  constructor(message: string, afterSeconds: number) {
    super(`${message}: again in ${Math.ceil(afterSeconds)} s`);
    this.afterSeconds = afterSeconds;
  }
}
