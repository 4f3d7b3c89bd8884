/** The programs that every Linux has, linked from this machine. An instance has no access to its other programs. */
import { access, constants, copyFile, mkdir, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

const plainTools = [
  // shell and coreutils
  ...['sh', 'bash', 'env', 'basename', 'cat', 'chmod', 'chown', 'cp', 'cut', 'date', 'df', 'dirname', 'echo', 'false'],
  ...['head', 'id', 'install', 'ln', 'ls', 'mkdir', 'mktemp', 'mv', 'printf', 'readlink', 'rm', 'rmdir', 'sort'],
  ...['stat', 'tail', 'tee', 'test', 'timeout', 'touch', 'tr', 'true', 'uniq', 'wc', 'base64'],
  // diffutils, findutils, grep, sed, awk, util-linux
  ...['cmp', 'diff', 'find', 'xargs', 'grep', 'sed', 'awk', 'flock'],
];

/** This machine lacks a program that the documents use. */
export class MissingProgramError extends Error {
  override readonly name = 'MissingProgramError';
}

/** Found under another name, because the twin's clock may be ahead of this machine's. */
const shadowed: Readonly<Record<string, string>> = { date: 'real-date' };

/** Fills `folder` with links. @throws MissingProgramError */
export async function linkPlainTools(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const folders = (process.env['PATH'] ?? '').split(delimiter).concat('/usr/bin', '/bin');
  await Promise.all(
    plainTools.map(async (tool) => {
      const program = await firstExecutable(folders.map((place) => join(place, tool)));
      if (program === undefined) throw new MissingProgramError(`the twin needs '${tool}' on PATH`);
      await symlink(program, join(folder, shadowed[tool] ?? tool));
    }),
  );
  await copyFile(join(import.meta.dirname, 'files/date.sh'), join(folder, 'date'));
}

async function firstExecutable(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    const isExecutable = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return candidate;
  }
  return undefined;
}
