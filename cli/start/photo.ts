import { askBot, readPhoto } from '#local/telegram/ask-bot.ts';
import type { Twin } from '#local/twin.ts';
import { UsageError } from '../errors.ts';

export interface Photo {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Where the annotated picture goes. */
  readonly save: string | undefined;
}

export interface PhotoAnswer {
  readonly file: string;
  /** The bot's words. */
  readonly text: string;
  readonly objects: readonly DetectedObject[];
  /** null when the bot refused the picture. */
  readonly annotatedFile: string | null;
}

export interface DetectedObject {
  readonly label: string;
  /** 0 to 1, to two digits. */
  readonly confidence: number;
}

/** @throws UsageError when the file cannot be read */
export async function readPhotoFile(file: string, save: string | undefined): Promise<Photo> {
  try {
    return { file, bytes: await readPhoto(file), save };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** @throws NoAnswerError */
export async function sendPhoto(twin: Twin, { file, bytes, save }: Photo): Promise<PhotoAnswer> {
  const { text, saved = null } = await askBot(twin.telegram, file, bytes, save);
  return { file, text, objects: saved === null ? [] : objectsIn(text), annotatedFile: saved };
}

/**
 * The objects that an answer lists, one a line as `umbrella 87 %`. Telegram's limit of a caption cuts very long lists.
 */
export function objectsIn(text: string): readonly DetectedObject[] {
  return [...text.matchAll(/^(.+) (\d+) %$/gm)].map(([, label, percent]) => ({
    label: label!,
    confidence: Number(percent) / 100,
  }));
}
