/** The add-ons' kustomizations, built by the kubectl that the control plane uses. */
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { projectFolder as repository } from '@stepkube/tools/project-path.ts';
import { afterAll, beforeAll } from 'vitest';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: a Kubernetes object of any kind, read by the test that knows it
  readonly [field: string]: any;
}

export interface Addons {
  /** Writes a settings file, as documents do on the control plane. */
  write(path: string, content: string): Promise<void>;
  /** @returns all objects of an add-on */
  manifests(addon: string): Promise<readonly Manifest[]>;
  /** @returns finds an object of an add-on by kind and name */
  build(addon: string): Promise<(kind: string, name: string) => Manifest>;
}

/** A copy of the add-ons with another cluster's settings. To be called once, at the top of a test file. */
export function copiedAddons(): Addons {
  let folder: string;
  const write = (path: string, content: string) => writeFile(join(folder, path), content);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stepkube-addons-'));
    await cp(join(repository, 'workloads/addons'), folder, { recursive: true });
    // What install-network puts there; the real manifest has more objects, but none of them is patched.
    await copyFile(join(repository, 'local/instance/files/calico.yaml'), join(folder, 'calico/calico.yaml'));
    await write('calico/pod-network.env', 'POD_CIDR=10.200.0.0/16\n');
    await write('cloud-controller-manager/cluster.env', 'CLUSTER_NAME=other\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const manifests = async (addon: string) => {
    const { stdout } = await promisify(execFile)(await kubectlPath(), ['kustomize', join(folder, addon)]);
    return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
  };
  return {
    write,
    manifests,
    build: async (addon) => {
      const all = await manifests(addon);
      return (kind, name) => {
        const found = all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
        if (found === undefined) throw new Error(`${addon} has no ${kind} ${name}`);
        return found;
      };
    },
  };
}

export const container = (manifest: Manifest) => manifest['spec'].template.spec.containers[0];
