/** sha256sum and gpg: real for real files. A simulated download always matches, and the output says that it is one. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { simulatedSource } from '../state/downloads.ts';
import { parseArguments } from './arguments.ts';
import { type Shim, ShimError } from './shim.ts';

export const sha256sum: Shim = async ({ argv }) => {
  const parsed = parseArguments(argv, { tool: 'sha256sum', flags: ['check', 'status'] });
  if (!parsed.options.has('check')) throw new ShimError('sha256sum: the twin supports only --check');
  const lines = (await readFile(parsed.operands[0] ?? '', 'utf8')).trim().split('\n');
  const results = await Promise.all(lines.map(check));
  const exitCode = results.every(({ isMatch }) => isMatch) ? 0 : 1;
  return parsed.options.has('status') ? { exitCode } : { exitCode, stdout: results.map(({ text }) => text).join('') };
};

async function check(line: string): Promise<{ isMatch: boolean; text: string }> {
  const [, expected, file] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
  if (expected === undefined || file === undefined) return { isMatch: false, text: `${line}: improperly formatted\n` };
  if ((await simulatedSource(file)) !== undefined) return { isMatch: true, text: `${file}: OK (simulated download)\n` };
  const actual = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  const isMatch = actual === expected;
  return { isMatch, text: `${file}: ${isMatch ? 'OK' : 'FAILED'}\n` };
}

export const gpg: Shim = async ({ argv }) => {
  const parsed = parseArguments(argv, { tool: 'gpg', flags: ['batch', 'quiet', 'show-keys', 'with-colons'] });
  const file = parsed.operands[0] ?? '';
  const content = (await simulatedSource(file)) === undefined ? '' : await readFile(file, 'utf8');
  const fingerprint = /^fingerprint ([0-9A-F]{40})$/m.exec(content)?.[1];
  if (fingerprint === undefined) throw new ShimError('gpg: no valid OpenPGP data found.', 2);
  return { stdout: `pub:-:2048:1:${fingerprint.slice(-16)}:::::::scSC::::::23::0:\nfpr:::::::::${fingerprint}:\n` };
};
