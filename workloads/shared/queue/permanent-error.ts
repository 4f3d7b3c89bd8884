/** No further attempt can succeed: the message is given up at once. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}
