/** The shims by the name of their program. */
import { aptGet, aptMark, dpkg, dpkgQuery } from './shims/apt.ts';
import { awsInstaller, tar, unzip } from './shims/archives.ts';
import { aws } from './shims/aws.ts';
import { gpg, sha256sum } from './shims/checksums.ts';
import { cloudInit } from './shims/cloud-init.ts';
import { containerd, ctr, runc } from './shims/containerd.ts';
import { curl } from './shims/curl.ts';
import { modprobe, swapoff, sysctl, uname } from './shims/kernel.ts';
import { kubeadm } from './shims/kubeadm/kubeadm.ts';
import type { Shim } from './shims/shim.ts';
import { sleep } from './shims/sleep.ts';
import { hostnamectl, journalctl, systemctl, systemdInhibit } from './shims/systemctl.ts';

export const shims: Readonly<Record<string, Shim>> = {
  'apt-get': aptGet,
  'apt-mark': aptMark,
  aws,
  'cloud-init': cloudInit,
  containerd,
  ctr,
  curl,
  dpkg,
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
  'systemd-inhibit': systemdInhibit,
  tar,
  uname,
  unzip,
};

/** The shims of a new instance. The others appear when a document installs their program. */
export const baseTools: readonly string[] = [
  ...[
    'apt-get',
    'apt-mark',
    'cloud-init',
    'dpkg',
    'dpkg-query',
    'gpg',
    'hostnamectl',
    'journalctl',
    'modprobe',
    'sha256sum',
    'sleep',
  ],
  ...['swapoff', 'sysctl', 'systemctl', 'systemd-inhibit', 'tar', 'uname'],
];
