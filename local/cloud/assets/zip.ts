import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Zippable, zip } from 'fflate';

/** A folder as the zip file that `cdk deploy` uploads for a directory asset: executable bits are kept. */
export async function zipFolder(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Zippable = {};
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    const { mode } = await stat(file);
    const name = path.relative(folder, file).split(path.sep).join('/');
    // The upper half of a Unix zip entry's attributes is the file's mode.
    files[name] = [await readFile(file), { os: 3, attrs: (mode & 0xffff) << 16, mtime: '1980-01-01T00:00:00' }];
  }
  return new Promise((resolve, reject) => {
    zip(files, { level: 1 }, (error, data) => (error ? reject(error) : resolve(Buffer.from(data))));
  });
}
