/**
 * The files of `kubeadm init`'s phase certs, in kubeadm's order: a key is written before its certificate. What exists is taken over, and
 * what is torn fails as in kubeadm. The keys themselves are in the twin's memory.
 */
import { readFile } from 'node:fs/promises';
import type { Instance } from '../../state/instance.ts';
import { writeInstanceFile } from '../../state/instance-files.ts';
import { ShimError } from '../shim.ts';

const pki = '/etc/kubernetes/pki';
const authorities = ['ca', 'front-proxy-ca', 'etcd/ca'];
const pairs = [
  ...['ca', 'apiserver', 'apiserver-kubelet-client', 'front-proxy-ca', 'front-proxy-client', 'etcd/ca'],
  ...['etcd/server', 'etcd/peer', 'etcd/healthcheck-client', 'apiserver-etcd-client'],
];
const simulated = 'simulated: the twin keeps the keys in memory\n';

/** @throws ShimError for a pair that is torn */
export async function writePki(instance: Instance): Promise<void> {
  for (const name of pairs) {
    const [certificate, key] = await Promise.all([read(instance, `${name}.crt`), read(instance, `${name}.key`)]);
    if (certificate === undefined && key === undefined) await writePair(instance, name);
    else checkPair(name, certificate, key);
  }
  const privateKey = await read(instance, 'sa.key');
  if (privateKey === '')
    throw torn('sa', `couldn't load the private key file ${pki}/sa.key: error reading the private key`);
  if (privateKey === undefined) await writeInstanceFile(instance, `${pki}/sa.key`, simulated, 0o600);
  await writeInstanceFile(instance, `${pki}/sa.pub`, simulated);
}

/** An empty key is taken in silence: kubeadm looks at keys only when it signs with them. */
function checkPair(name: string, certificate: string | undefined, key: string | undefined): void {
  const phase = name.replace('/', '-');
  const file = `${pki}/${name}.crt`;
  if (certificate === undefined)
    throw torn(
      phase,
      `couldn't load the certificate file ${file}: error reading ${file}: open ${file}: no such file or directory`,
    );
  if (certificate === '')
    throw torn(
      phase,
      `couldn't load the certificate file ${file}: data does not contain any valid RSA or ECDSA certificates`,
    );
  if (key === undefined && authorities.includes(name))
    throw torn(phase, `couldn't load the private key file ${pki}/${name}.key: no such file or directory`);
}

async function writePair(instance: Instance, name: string): Promise<void> {
  await writeInstanceFile(instance, `${pki}/${name}.key`, simulated, 0o600);
  await writeInstanceFile(instance, `${pki}/${name}.crt`, simulated);
}

const read = (instance: Instance, name: string): Promise<string | undefined> =>
  readFile(instance.path(`${pki}/${name}`), 'utf8').catch(() => undefined);

const torn = (phase: string, reason: string): ShimError =>
  new ShimError(`error execution phase certs/${phase}: failure loading ${phase} certificate: ${reason}`);
