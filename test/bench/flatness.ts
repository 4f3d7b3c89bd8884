import { median } from './statistics.ts';

/** The pictures are looked at in so many blocks; the first ones are the warm-up, in which memory may still grow. */
const blocks = 20;
const warmUpBlocks = 2;

export interface Flatness {
  /** Of the highest block after the warm-up, within the first half, in bytes. */
  readonly earlierBytes: number;
  /** Of the highest block of the second half. */
  readonly laterBytes: number;
  readonly ratio: number;
}

/**
 * Memory is flat when the level of no later block is above that of the blocks before. A block's level is its median: a
 * large picture that is in work comes and goes, what is kept stays. @param bytes after each picture
 */
export function flatnessOf(bytes: readonly number[]): Flatness {
  if (bytes.length < blocks) throw new RangeError(`${bytes.length} pictures are too few: ${blocks} are needed`);
  const levels = Array.from({ length: blocks }, (_, block) =>
    median(bytes.slice(Math.floor((block * bytes.length) / blocks), Math.floor(((block + 1) * bytes.length) / blocks))),
  );
  const earlierBytes = Math.max(...levels.slice(warmUpBlocks, blocks / 2));
  const laterBytes = Math.max(...levels.slice(blocks / 2));
  return { earlierBytes, laterBytes, ratio: laterBytes / earlierBytes };
}

export const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
