import type { RejectionReason } from '@stepkube/shared/contracts/messages.ts';

/** Why an image cannot be processed. */
export type UnreadableReason = Exclude<RejectionReason, 'missing'>;

/** The bytes are not an image that can be processed; another attempt would fail, too. */
export class UnreadableImageError extends Error {
  override readonly name = 'UnreadableImageError';
  readonly reason: UnreadableReason;
  /** The file's format when it is known and cannot be read. */
  readonly format: 'heic' | undefined;

  constructor(reason: UnreadableReason, message: string, options: ErrorOptions & { readonly format?: 'heic' } = {}) {
    super(message, options);
    this.reason = reason;
    this.format = options.format;
  }
}
