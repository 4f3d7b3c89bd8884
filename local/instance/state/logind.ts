/**
 * systemd-logind as far as a shutdown waits for it: the longest delay that it grants, and who has asked for one.
 * https://www.freedesktop.org/software/systemd/man/latest/logind.conf.html
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Instance } from './instance.ts';
import { writeInstanceFile } from './instance-files.ts';

export const kubeletConfigFile = '/var/lib/kubelet/config.yaml';

/** Of equal names, the file in the first folder replaces the others. */
const dropInFolders = ['/etc', '/run', '/usr/local/lib', '/usr/lib'].map((place) => `${place}/systemd/logind.conf.d`);
const defaultDelaySeconds = 5;
const delayFile = '/run/shim-logind-delay';
const inhibitorsFile = '/run/shim-inhibitors';

/** What logind does when it starts: reads its drop-ins in the order of their names, whatever folder they are in. */
export async function loadLogind(instance: Instance): Promise<void> {
  const paths = new Map<string, string>();
  for (const folder of dropInFolders) {
    const names = await readdir(instance.path(folder)).catch(() => []);
    for (const name of names) if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, join(folder, name));
  }
  let seconds = defaultDelaySeconds;
  for (const name of [...paths.keys()].sort()) {
    const text = await readFile(instance.path(paths.get(name)!), 'utf8');
    const value = [...text.matchAll(/^InhibitDelayMaxSec=(\d+)s?$/gm)].at(-1)?.[1];
    if (value !== undefined) seconds = Number(value);
  }
  await writeInstanceFile(instance, delayFile, String(seconds));
}

/**
 * What the kubelet does when it starts: it asks logind for a delay as long as its shutdown grace, by a drop-in of its own if it has to. If
 * logind does not grant it, the kubelet runs without its node shutdown manager.
 */
export async function startShutdownManager(instance: Instance): Promise<void> {
  const config = parse(
    await readFile(instance.path(kubeletConfigFile), 'utf8').catch(() => ''),
  ) as KubeletConfig | null;
  const graceSeconds = Number.parseInt(config?.shutdownGracePeriod ?? '0', 10);
  if (graceSeconds > (await grantedSeconds(instance))) {
    const dropIn = `# Kubelet logind override\n[Login]\nInhibitDelayMaxSec=${graceSeconds}\n`;
    await writeInstanceFile(instance, '/etc/systemd/logind.conf.d/99-kubelet.conf', dropIn);
    await loadLogind(instance);
  }
  const isGranted = graceSeconds > 0 && graceSeconds <= (await grantedSeconds(instance));
  await writeInstanceFile(
    instance,
    inhibitorsFile,
    isGranted ? 'kubelet 0 root 1 kubelet shutdown Kubelet delay\n' : '',
  );
}

interface KubeletConfig {
  readonly shutdownGracePeriod?: string;
}

/** The lines of `systemd-inhibit --list`: who, user, process, what, why, mode. */
export const readInhibitors = (instance: Instance): Promise<string> =>
  readFile(instance.path(inhibitorsFile), 'utf8').catch(() => '');

async function grantedSeconds(instance: Instance): Promise<number> {
  return Number(await readFile(instance.path(delayFile), 'utf8').catch(() => defaultDelaySeconds));
}
