import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { StagedImage } from './stage-image.ts';

export interface ImageFile {
  /** Path in the image without the leading slash: app/main.js */
  readonly path: string;
  /** Path on this machine. */
  readonly file: string;
  readonly bytes: number;
}

/** Every file of the image above its base, without what a build fetches. */
export async function filesOf({ layers }: Pick<StagedImage, 'layers'>): Promise<readonly ImageFile[]> {
  const files: ImageFile[] = [];
  for (const { folder } of layers) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      files.push({ path: relative(folder, file).replaceAll(sep, '/'), file, bytes: (await stat(file)).size });
    }
  }
  return files;
}
