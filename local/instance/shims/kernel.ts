/** modprobe, sysctl, swapoff and uname: kernel state, kept in the files under /sys and /proc that a kernel shows. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Instance } from '../state/instance.ts';
import { writeInstanceFile } from '../state/instance-files.ts';
import { exists } from '../state/units.ts';
import { parseArguments } from './arguments.ts';
import { type Shim, ShimError } from './shim.ts';

export const modprobe: Shim = async ({ instance, argv }) => {
  const { operands } = parseArguments(argv, { tool: 'modprobe', flags: ['all', 'a'] });
  for (const module of operands) {
    await writeInstanceFile(instance, `/sys/module/${module}/initstate`, 'live\n');
    // These settings exist only while the module is loaded.
    if (module === 'br_netfilter') {
      await writeSetting(instance, 'net.bridge.bridge-nf-call-iptables', '0');
      await writeSetting(instance, 'net.bridge.bridge-nf-call-ip6tables', '0');
    }
  }
  return {};
};

export const sysctl: Shim = async ({ instance, argv }) => {
  const [flag = '', name = ''] = argv;
  if (flag.startsWith('--load=')) return { stdout: await loadSettings(instance, flag.slice('--load='.length)) };
  if (flag !== '-n') throw new ShimError(`sysctl: unknown option '${flag}' (in the twin)`);
  const value = await readFile(settingPath(instance, name), 'utf8').catch(() => undefined);
  if (value !== undefined) return { stdout: value };
  if (name === 'net.ipv4.ip_forward') return { stdout: '0\n' };
  throw new ShimError(noSuchSetting(name), 255);
};

async function loadSettings(instance: Instance, file: string): Promise<string> {
  const lines: string[] = [];
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const [, name, value] = /^([\w.-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    // Bridge settings come with their kernel module.
    if (name.startsWith('net.bridge.') && !(await exists(settingPath(instance, name)))) {
      throw new ShimError(noSuchSetting(name), 255);
    }
    await writeSetting(instance, name, value);
    lines.push(`${name} = ${value}\n`);
  }
  return lines.join('');
}

function noSuchSetting(name: string): string {
  return `sysctl: cannot stat /proc/sys/${name.replaceAll('.', '/')}: No such file or directory`;
}

function settingPath(instance: Instance, name: string): string {
  return instance.path(`/proc/sys/${name.replaceAll('.', '/')}`);
}

async function writeSetting(instance: Instance, name: string, value: string): Promise<void> {
  await writeInstanceFile(instance, `/proc/sys/${name.replaceAll('.', '/')}`, `${value}\n`);
}

export const swapoff: Shim = async ({ instance, argv }) => {
  if (argv[0] !== '--all') throw new ShimError('swapoff: the twin supports only --all');
  const swaps = instance.path('/proc/swaps');
  const [header = ''] = (await readFile(swaps, 'utf8')).split('\n');
  await writeFile(swaps, `${header}\n`);
  return {};
};

/** All instance types that the project uses are x86_64, whatever this machine is. */
export const uname: Shim = ({ argv }) => ({ stdout: argv[0] === '-m' ? 'x86_64\n' : 'Linux\n' });
