import { readFile, writeFile } from 'node:fs/promises';
import { basename, extname, parse } from 'node:path';
import type { Telegram } from './telegram.ts';

/** The file of --photo cannot be read. */
export class PhotoNotFoundError extends Error {
  override readonly name = 'PhotoNotFoundError';
}

/** The bot said nothing for too long. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

const mimeTypes: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
};
const answerTimeoutMilliseconds = 60_000;

export async function readPhoto(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new PhotoNotFoundError(
      `--photo ${file}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (error as Error).message}`,
    );
  }
}

/**
 * Sends a picture as the person in the chat and saves the annotated one the bot answers with.
 * @returns the bot's words, and where the annotated picture is; no picture when the bot refused this one.
 */
export async function askBot(
  telegram: Telegram,
  file: string,
  bytes: Uint8Array,
  output?: string,
): Promise<{ text: string; saved?: string }> {
  const message = await telegram.person.sendFile(
    basename(file),
    mimeTypes[extname(file).toLowerCase()] ?? 'application/octet-stream',
    bytes,
  );
  const timeout = AbortSignal.timeout(answerTimeoutMilliseconds);
  const answer = await telegram.chat.answerTo(message.id, timeout).catch(() => {
    throw new NoAnswerError(`the bot did not answer ${basename(file)} within ${answerTimeoutMilliseconds / 1000} s`);
  });
  const text = answer.text ?? '';
  if (answer.file === undefined) return { text };
  const saved = output ?? `${parse(file).name}-annotated.jpg`;
  await writeFile(saved, answer.file.bytes);
  return { text, saved };
}
