import { median } from './statistics.ts';

/** Number of equal blocks into which the samples are divided; memory may grow during the warm-up blocks. */
const blocks = 20;
const warmUpBlocks = 2;

export interface Flatness {
  /** The highest block of the first half, without the warm-up, in bytes. */
  readonly earlierBytes: number;
  /** The highest block of the second half, in bytes. */
  readonly laterBytes: number;
  readonly ratio: number;
}

/**
 * Memory is flat when no block of the second half is above those of the first half. Each block is represented by its median,
 * so that a large image in progress does not count, but retained memory does.
 * @param bytes resident memory after each image
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
