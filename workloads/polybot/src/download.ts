import type { Telegram } from 'telegraf';
import { call, TelegramRefusedError, TelegramUnavailableError } from './telegram.ts';

/** The file exceeds Telegram's limit for downloads by bots. */
export class FileTooLargeError extends Error {
  override readonly name = 'FileTooLargeError';
}

/** Bots download files up to 20 MB, by which Telegram means MiB. https://core.telegram.org/bots/api#getfile */
export const maxFileBytes = 20 << 20;
const downloadTimeoutMilliseconds = 30_000;

/**
 * Downloads a file that was sent to the bot.
 * @throws FileTooLargeError, TelegramRefusedError, TelegramUnavailableError, the signal's reason; none quotes the URL, which contains the token.
 */
export async function downloadFile(telegram: Telegram, fileId: string, abortSignal: AbortSignal): Promise<Buffer> {
  const file = await call(telegram, 'getFile', { file_id: fileId }, abortSignal).catch((error: Error) => {
    throw /file is too big/i.test(error.message) ? new FileTooLargeError('the file is too big') : error;
  });
  if ((file.file_size ?? 0) > maxFileBytes) throw new FileTooLargeError(`the file has ${file.file_size} bytes`);
  const { apiRoot } = telegram.options;
  const url = new URL(`./file/bot${telegram.token}/${file.file_path}`, apiRoot.endsWith('/') ? apiRoot : `${apiRoot}/`);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([abortSignal, AbortSignal.timeout(downloadTimeoutMilliseconds)]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw refusalOf(response.status);
    }
    return await readLimited(response);
  } catch (error) {
    abortSignal.throwIfAborted();
    if (ownErrors.some((ErrorClass) => error instanceof ErrorClass)) throw error;
    throw new TelegramUnavailableError('download', error instanceof Error ? error.name : 'network error');
  }
}

const ownErrors = [FileTooLargeError, TelegramRefusedError, TelegramUnavailableError];

/** A deleted file stays deleted: a retryable error would make Telegram deliver the message again for a day. */
function refusalOf(status: number): Error {
  return status >= 500 || status === 429
    ? new TelegramUnavailableError('download', `Telegram answered ${status}`)
    : new TelegramRefusedError('download', status, 'the file cannot be downloaded');
}

async function readLimited(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxFileBytes) throw new FileTooLargeError(`the file has more than ${maxFileBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
