/** A pod's volumes as folders of its node. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Container, Pod, Volume, VolumeProjection } from '../apimachinery/kinds.ts';
import type { Client } from '../client/client.ts';
import type { RequestToken } from '../client/token-request.ts';
import { readConfiguration } from './configuration.ts';
import { fieldValue, type MountedPath } from './environment.ts';

export interface PodVolumes {
  mountsOf(container: Container): MountedPath[];
  /** Ends the rotation of tokens. */
  stop(): void;
}

export interface VolumeOptions {
  readonly client: Client;
  readonly requestToken: RequestToken;
  readonly pod: Pod;
  /** <node root>/var/lib/kubelet/pods/<uid> */
  readonly podFolder: string;
  readonly log: (message: string) => void;
}

/** Kubelets replace a token when this share of its lifetime has passed. */
const tokenRotationShare = 0.8;

/** @throws ContainerConfigError when a ConfigMap or Secret is missing */
export async function setUpVolumes(options: VolumeOptions): Promise<PodVolumes> {
  const stopping = new AbortController();
  const folders = new Map<string, string>();
  for (const volume of options.pod.spec.volumes ?? []) {
    const folder = join(options.podFolder, 'volumes', volume.name);
    await mkdir(folder, { recursive: true });
    folders.set(volume.name, folder);
    for (const source of projectionsOf(volume)) await writeProjection(options, folder, source, stopping.signal);
  }
  return {
    mountsOf: ({ volumeMounts = [] }) =>
      volumeMounts.map(({ name, mountPath, subPath = '' }) => ({
        mountPath: mountPath.replace(/\/$/, ''),
        folder: join(folders.get(name)!, subPath),
      })),
    stop: () => stopping.abort(),
  };
}

/** A plain volume is treated as a projected one with a single source. */
function projectionsOf({ projected, configMap, secret, downwardAPI }: Volume): VolumeProjection[] {
  if (projected) return projected.sources ?? [];
  if (configMap) return [{ configMap }];
  if (secret) {
    const { secretName, ...rest } = secret;
    return [{ secret: { ...rest, ...(secretName && { name: secretName }) } }];
  }
  return downwardAPI ? [{ downwardAPI }] : [];
}

async function writeProjection(
  options: VolumeOptions,
  folder: string,
  { serviceAccountToken, downwardAPI, configMap, secret }: VolumeProjection,
  signal: AbortSignal,
): Promise<void> {
  const { client, pod } = options;
  if (serviceAccountToken) await writeToken(options, folder, serviceAccountToken, signal);
  for (const { path, fieldRef } of downwardAPI?.items ?? []) {
    await writeAtomically(join(folder, path), fieldValue(pod, fieldRef?.fieldPath ?? ''));
  }
  const reference = configMap ?? secret;
  if (!reference) return;
  const kind = configMap ? 'configmap' : 'secret';
  const data = readConfiguration(client, pod.metadata.namespace, kind, reference) ?? {};
  const items = reference.items ?? Object.keys(data).map((key) => ({ key, path: key }));
  for (const { key, path } of items) {
    if (data[key] !== undefined) await writeAtomically(join(folder, path), data[key]);
  }
}

async function writeToken(
  { requestToken, pod, log }: VolumeOptions,
  folder: string,
  { audience, expirationSeconds = 3600, path }: NonNullable<VolumeProjection['serviceAccountToken']>,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '', name, uid } = pod.metadata;
  const write = async (): Promise<void> => {
    const { token } = await requestToken({
      namespace,
      serviceAccountName: pod.spec.serviceAccountName ?? 'default',
      audiences: audience ? [audience] : [],
      expirationSeconds,
      pod: { name, uid },
    });
    await writeAtomically(join(folder, path), token);
  };
  await write();
  const rotation = setInterval(
    () => write().catch((error: Error) => log(`token of ${name} not renewed: ${error.message}`)),
    expirationSeconds * tokenRotationShare * 1000,
  );
  rotation.unref();
  signal.addEventListener('abort', () => clearInterval(rotation));
}

/** A reader sees either the old content or the new one, never a part of it. */
async function writeAtomically(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
