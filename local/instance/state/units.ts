/** The state of an instance's systemd units, kept where systemd keeps it: unit files, links and files under /run. */
import { access, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Instance } from './instance.ts';

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
  return (await exists(wantsLink(instance, unit))) ? 'enabled' : 'disabled';
}

export async function enable(instance: Instance, unit: string): Promise<void> {
  await mkdir(dirname(wantsLink(instance, unit)), { recursive: true });
  await writeFile(wantsLink(instance, unit), '');
}

export async function mask(instance: Instance, unit: string): Promise<void> {
  const link = instance.path(`/etc/systemd/system/${unit}`);
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  await symlink('/dev/null', link);
}

export async function unitState(instance: Instance, unit: string): Promise<UnitState> {
  const state = await readFile(stateFile(instance, unit), 'utf8').catch(() => 'inactive');
  return state as UnitState;
}

export async function setUnitState(instance: Instance, unit: string, state: UnitState): Promise<void> {
  await mkdir(dirname(stateFile(instance, unit)), { recursive: true });
  await writeFile(stateFile(instance, unit), state);
}

/** The file that exists for an enabled unit. */
function wantsLink(instance: Instance, unit: string): string {
  return instance.path(`/etc/systemd/system/multi-user.target.wants/${unit}`);
}

/** The file that holds a unit's state. */
function stateFile(instance: Instance, unit: string): string {
  return instance.path(`/run/shim-units/${unit}`);
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
