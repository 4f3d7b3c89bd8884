import { basename } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { create } from 'tar';
import type { StagedImage } from './stage-image.ts';

export interface LayerSize {
  readonly title: string;
  /** As a tar file; undefined when only the compressed size is published. */
  readonly bytes: number | undefined;
  /** As a registry stores it. */
  readonly compressedBytes: number;
  /** Where the sizes come from, unless they were measured here. */
  readonly recordedFrom: string | undefined;
}

/** In the order of the image: its base, what is fetched, and what each instruction copies. */
export async function measureLayers({ base, downloads, layers }: StagedImage): Promise<readonly LayerSize[]> {
  const recorded: LayerSize[] = [
    {
      title: `FROM ${base.reference}`,
      bytes: undefined,
      compressedBytes: base.compressedBytes,
      recordedFrom: base.source,
    },
    ...downloads.map(({ url, bytes, source }) => ({
      title: `ADD ${basename(url)}`,
      bytes,
      // Weights hardly shrink; that they do not shrink at all is the safe side.
      compressedBytes: bytes,
      recordedFrom: source,
    })),
  ];
  const measured = await Promise.all(
    layers.map(async ({ instruction, folder }) => ({
      title: instruction,
      ...(await measure(folder)),
      recordedFrom: undefined,
    })),
  );
  return [...recorded, ...measured];
}

/**
 * The folder as a layer: a tar file, and that compressed by gzip's default level, as Docker does. Times and owners are
 * left out, so the same files have the same size on every machine.
 */
async function measure(folder: string): Promise<{ readonly bytes: number; readonly compressedBytes: number }> {
  const compressed = countBytes();
  let bytes = 0;
  const archive = create({ cwd: folder, portable: true, noMtime: true }, ['.']);
  archive.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await pipeline(archive, createGzip(), compressed.stream);
  return { bytes, compressedBytes: compressed.total() };
}

function countBytes() {
  let total = 0;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      done();
    },
  });
  return { stream, total: () => total };
}
