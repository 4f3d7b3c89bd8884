import { basename } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { create } from 'tar';
import type { StagedImage } from './stage-image.ts';

export interface LayerSize {
  readonly title: string;
  /** Size of its tar file; undefined when only the compressed size is published. */
  readonly bytes: number | undefined;
  /** Size as stored in a registry. */
  readonly compressedBytes: number;
  /** Source of the sizes; undefined when they were measured. */
  readonly recordedFrom: string | undefined;
}

/** The base, then the downloads, then what each instruction adds. */
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
      // Weights are hardly compressible; assuming no compression overestimates the size.
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
 * The size of a folder as a layer: a tar file, and its gzip with the default level, as Docker compresses it. Timestamps and
 * owners are omitted, so that equal files have equal sizes on every machine.
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
