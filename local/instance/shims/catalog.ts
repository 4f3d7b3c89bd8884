/** Every program that the twin answers for, by the name it is started with. */
import { aptGet, aptMark, dpkgQuery } from './apt.ts';
import { awsInstaller, tar, unzip } from './archives.ts';
import { aws } from './aws.ts';
import { gpg, sha256sum } from './checksums.ts';
import { cloudInit } from './cloud-init.ts';
import { containerd, ctr, runc } from './containerd.ts';
import { curl } from './curl.ts';
import { modprobe, swapoff, sysctl, uname } from './kernel.ts';
import { kubeadm } from './kubeadm.ts';
import type { Shim } from './shim.ts';
import { sleep } from './sleep.ts';
import { hostnamectl, journalctl, systemctl } from './systemctl.ts';

export const shims: Readonly<Record<string, Shim>> = {
  'apt-get': aptGet,
  'apt-mark': aptMark,
  aws,
  'cloud-init': cloudInit,
  containerd,
  ctr,
  curl,
  'dpkg-query': dpkgQuery,
  gpg,
  hostnamectl,
  install: awsInstaller,
  journalctl,
  kubeadm,
  modprobe,
  runc,
  sha256sum,
  sleep,
  swapoff,
  sysctl,
  systemctl,
  tar,
  uname,
  unzip,
};

/** Those that a fresh Ubuntu image has; the others appear when a document installs them. */
export const baseTools: readonly string[] = [
  ...[
    'apt-get',
    'apt-mark',
    'cloud-init',
    'curl',
    'dpkg-query',
    'gpg',
    'hostnamectl',
    'journalctl',
    'modprobe',
    'sha256sum',
    'sleep',
  ],
  ...['swapoff', 'sysctl', 'systemctl', 'tar', 'uname'],
];
