/** systemd's state of an instance, kept where systemd keeps it: unit files, links and files under /run. */
import { access, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Instance } from '../instance.ts';

export type UnitState = 'active' | 'activating' | 'inactive' | 'failed';

const unitFolders = ['/etc/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system'];

/** kubelet -> kubelet.service */
export function unitName(name: string): string {
  return /\.\w+$/.test(name) ? name : `${name}.service`;
}

export async function unitExists(instance: Instance, unit: string): Promise<boolean> {
  const found = await Promise.all(unitFolders.map((folder) => exists(instance.path(`${folder}/${unit}`))));
  return found.includes(true);
}

export async function enablement(instance: Instance, unit: string): Promise<'enabled' | 'disabled' | 'masked'> {
  const target = await readlink(instance.path(`/etc/systemd/system/${unit}`)).catch(() => '');
  if (target === '/dev/null') return 'masked';
  return (await exists(wanted(instance, unit))) ? 'enabled' : 'disabled';
}

export async function enable(instance: Instance, unit: string): Promise<void> {
  await mkdir(dirname(wanted(instance, unit)), { recursive: true });
  await writeFile(wanted(instance, unit), '');
}

export async function mask(instance: Instance, unit: string): Promise<void> {
  const link = instance.path(`/etc/systemd/system/${unit}`);
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink('/dev/null', link);
}

export async function unitState(instance: Instance, unit: string): Promise<UnitState> {
  const state = await readFile(running(instance, unit), 'utf8').catch(() => 'inactive');
  return state as UnitState;
}

export async function setUnitState(instance: Instance, unit: string, state: UnitState): Promise<void> {
  await mkdir(dirname(running(instance, unit)), { recursive: true });
  await writeFile(running(instance, unit), state);
}

const wanted = (instance: Instance, unit: string) =>
  instance.path(`/etc/systemd/system/multi-user.target.wants/${unit}`);
const running = (instance: Instance, unit: string) => instance.path(`/run/shim-units/${unit}`);

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
