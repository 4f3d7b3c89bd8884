/** A pod's volumes as folders on the node. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { types } from '../apimachinery/builtin-types.ts';
import type { KubeObject, Open } from '../apimachinery/object.ts';
import type { ServiceAccountTokens } from '../apiserver/auth/service-account-tokens.ts';
import type { Objects } from '../storage/objects.ts';
import { dataOf, fieldValue, type MountedPath } from './environment.ts';

export interface PodVolumes {
  mountsOf(container: Open): MountedPath[];
  stop(): void;
}

interface VolumeParts {
  readonly objects: Objects;
  readonly tokens: ServiceAccountTokens;
  readonly pod: KubeObject;
  /** <node root>/var/lib/kubelet/pods/<uid> */
  readonly podFolder: string;
  readonly log: (message: string) => void;
}

/** Tokens are replaced when this part of their life is over, as kubelets do. */
const rotateAfter = 0.8;

/** @throws ContainerConfigError while a ConfigMap or Secret is missing */
export async function materialiseVolumes(parts: VolumeParts): Promise<PodVolumes> {
  const stopping = new AbortController();
  const folders = new Map<string, string>();
  for (const volume of parts.pod.spec.volumes ?? []) {
    const folder = join(parts.podFolder, 'volumes', volume.name);
    await mkdir(folder, { recursive: true });
    folders.set(volume.name, folder);
    for (const source of sourcesOf(volume)) await writeSource(parts, folder, source, stopping.signal);
  }
  return {
    mountsOf: (container) =>
      (container.volumeMounts ?? []).map((mount: Open) => ({
        mountPath: mount.mountPath.replace(/\/$/, ''),
        folder: join(folders.get(mount.name)!, mount.subPath ?? ''),
      })),
    stop: () => stopping.abort(),
  };
}

/** A plain volume is a projected one with a single source. */
function sourcesOf(volume: Open): Open[] {
  if (volume.projected) return volume.projected.sources ?? [];
  if (volume.configMap) return [{ configMap: volume.configMap }];
  if (volume.secret) return [{ secret: { ...volume.secret, name: volume.secret.secretName } }];
  if (volume.downwardAPI) return [{ downwardAPI: volume.downwardAPI }];
  return [];
}

async function writeSource(parts: VolumeParts, folder: string, source: Open, signal: AbortSignal): Promise<void> {
  const { objects, pod } = parts;
  if (source.serviceAccountToken) return writeToken(parts, folder, source.serviceAccountToken, signal);
  for (const item of source.downwardAPI?.items ?? []) {
    await writeAtomically(join(folder, item.path), fieldValue(pod, item.fieldRef?.fieldPath ?? ''));
  }
  const reference = source.configMap ?? source.secret;
  if (!reference) return;
  const data = dataOf(objects, pod.metadata.namespace!, source.configMap ? 'configmap' : 'secret', reference) ?? {};
  const items: Open[] = reference.items ?? Object.keys(data).map((key) => ({ key, path: key }));
  for (const { key, path } of items) {
    if (data[key] !== undefined) await writeAtomically(join(folder, path), data[key]);
  }
}

async function writeToken(parts: VolumeParts, folder: string, wanted: Open, signal: AbortSignal): Promise<void> {
  const { objects, tokens, pod, log } = parts;
  const account = objects.get(types.serviceAccounts, pod.metadata.namespace, pod.spec.serviceAccountName);
  const write = async (): Promise<void> => {
    const { token } = await tokens.issue({
      namespace: pod.metadata.namespace!,
      serviceAccount: { name: account.metadata.name, uid: account.metadata.uid },
      audiences: wanted.audience ? [wanted.audience] : [],
      expirationSeconds: wanted.expirationSeconds,
      pod: { name: pod.metadata.name, uid: pod.metadata.uid },
    });
    await writeAtomically(join(folder, wanted.path), token);
  };
  await write();
  const rotation = setInterval(
    () => write().catch((error: Error) => log(`token of ${pod.metadata.name} not renewed: ${error.message}`)),
    wanted.expirationSeconds * rotateAfter * 1000,
  );
  rotation.unref();
  signal.addEventListener('abort', () => clearInterval(rotation));
}

/** A reader sees the old content or the new, never half of it. */
async function writeAtomically(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, content, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
