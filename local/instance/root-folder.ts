/** The file system of a new instance: the files of an Ubuntu 24.04 image that the documents read. */
import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { baseTools } from './shim-catalog.ts';
import type { Instance } from './state/instance.ts';
import { linkShim, writeInstanceFile } from './state/instance-files.ts';
import { loadLogind } from './state/logind.ts';
import { writePackages } from './state/packages.ts';
import { imagePackageNames, ubuntuArchive } from './state/ubuntu-archive.ts';

const folders = ['/etc', '/tmp', '/root', '/run', '/usr/bin', '/usr/local/bin', '/usr/local/sbin', '/var/lib'];

export async function makeRootFolder(instance: Instance): Promise<void> {
  for (const folder of folders) await mkdir(instance.path(folder), { recursive: true });
  for (const [path, content] of Object.entries(imageFiles(instance))) await writeInstanceFile(instance, path, content);
  await writePackages(instance, Object.fromEntries(imagePackageNames.map((name) => [name, ubuntuArchive[name] ?? ''])));
  await loadLogind(instance);
  for (const tool of baseTools) await linkShim(instance, `/usr/bin/${tool}`);
}

function imageFiles({ spec }: Instance): Record<string, string> {
  return {
    '/etc/os-release': 'PRETTY_NAME="Ubuntu 24.04.3 LTS (simulated)"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\n',
    '/etc/hostname': `${spec.privateDnsName.split('.')[0]}\n`,
    // The official image has no swap. This one has, so that the documents' code for turning it off is run.
    '/etc/fstab': 'LABEL=cloudimg-rootfs / ext4 discard,commit=30,errors=remount-ro 0 1\n/swap.img none swap sw 0 0\n',
    '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n/swap.img file 1048572 0 -2\n',
    '/proc/meminfo': 'MemTotal:        3926180 kB\nMemAvailable:    3301244 kB\n',
    '/proc/sys/kernel/osrelease': '6.14.0-1018-aws\n',
    '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
    '/usr/lib/systemd/system/swap.target': '[Unit]\nDescription=Swaps\n',
    '/usr/lib/systemd/system/systemd-logind.service': '[Unit]\nDescription=User Login Management\n',
    // Of the package unattended-upgrades, which the image has.
    '/usr/lib/systemd/logind.conf.d/unattended-upgrades-logind-maxdelay.conf': '[Login]\nInhibitDelayMaxSec=30\n',
  };
}

/** Writes the script that is started for every shim. */
export async function makeShimScript(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await copyFile(join(import.meta.dirname, 'shim.sh'), path);
  await chmod(path, 0o755);
}
