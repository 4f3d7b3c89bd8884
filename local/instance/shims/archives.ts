/** unzip, tar and the AWS CLI's installer. Real zip files are unpacked; a simulated download becomes its programs' shims. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { unzipSync } from 'fflate';
import { downloadMark, simulatedSource } from '../state/downloads.ts';
import type { Instance } from '../state/instance.ts';
import { option, parseArguments } from './arguments.ts';
import { type Shim, ShimError, takes } from './shim.ts';

const unpackSeconds = 1;

export const unzip: Shim = async (call) => {
  const parsed = parseArguments(call.argv, { tool: 'unzip', flags: ['q', 'o'], valued: ['d'] });
  const [archive = ''] = parsed.operands;
  const folder = option(parsed, 'd') ?? call.workingFolder;
  const source = await simulatedSource(archive);
  if (source !== undefined) {
    await takes(call, unpackSeconds);
    await writeShim(call.instance, join(folder, 'aws', 'install'), source);
    return {};
  }
  const bytes = await readFile(archive).catch(() => {
    throw new ShimError(`unzip:  cannot find or open ${archive}`, 9);
  });
  for (const [name, content] of Object.entries(unzipSync(bytes))) {
    const file = join(folder, normalize(`/${name}`));
    if (name.endsWith('/')) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return {};
};

/** The documents unpack only one tar file: containerd's release. */
export const tar: Shim = async (call) => {
  const parsed = parseArguments(call.argv, { tool: 'tar', flags: ['extract', 'gzip'], valued: ['directory', 'file'] });
  const source = await simulatedSource(option(parsed, 'file') ?? '');
  if (source === undefined) throw new ShimError('gzip: stdin: not in gzip format\ntar: Child returned status 1', 2);
  await takes(call, unpackSeconds);
  const folder = option(parsed, 'directory') ?? call.workingFolder;
  for (const program of ['containerd', 'containerd-shim-runc-v2', 'ctr']) {
    await writeShim(call.instance, join(folder, 'bin', program), source);
  }
  return {};
};

/** aws/install, the installer in the AWS CLI's zip file. */
export const awsInstaller: Shim = async (call) => {
  const parsed = parseArguments(call.argv, { tool: 'install', flags: ['update'], valued: ['install-dir', 'bin-dir'] });
  const source = await simulatedSource(call.program);
  if (source === undefined) throw new ShimError('install: is not the installer of the AWS CLI');
  await takes(call, unpackSeconds);
  await writeShim(call.instance, join(option(parsed, 'bin-dir') ?? '/usr/local/bin', 'aws'), source);
  return { stdout: 'You can now run: aws --version (simulated)\n' };
};

/** Writes a shim that is marked with the download it comes from: its version is that of the download. */
async function writeShim(instance: Instance, path: string, source: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const script = await readFile(instance.shimScript, 'utf8');
  await writeFile(path, `${script}# ${downloadMark(source)}\n`, { mode: 0o755 });
}
