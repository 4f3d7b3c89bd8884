import { readFile, writeFile } from 'node:fs/promises';
import { basename, extname, parse } from 'node:path';
import type { Telegram } from './telegram.ts';

/** The file of --photo cannot be read. */
export class PhotoNotFoundError extends Error {
  override readonly name = 'PhotoNotFoundError';
}

/** The bot has not replied in time. */
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

/** @throws PhotoNotFoundError */
export async function readPhoto(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new PhotoNotFoundError(`--photo ${file}: ${code === 'ENOENT' ? 'no such file' : message}`);
  }
}

/**
 * Sends a picture as the person in the chat and saves the annotated picture of the bot's reply.
 * @param output path of the saved picture @default <name of file>-annotated.jpg
 * @returns the text of the reply and the path of the saved picture; no path for a reply without a picture
 * @throws NoAnswerError
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
