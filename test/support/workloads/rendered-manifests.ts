/** The services' manifests as the real kubectl renders them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { projectPath } from '@stepkube/tools/project-path.ts';
import { beforeAll } from 'vitest';
import { parseAllDocuments } from 'yaml';

// biome-ignore lint/suspicious/noExplicitAny: manifests of every kind
export type Manifest = any;

export type Overlay = 'production' | 'development';

export interface RenderedManifests {
  all(overlay?: Overlay): readonly Manifest[];
  find(kind: string, name: string, overlay?: Overlay): Manifest;
  /** Of what init-control-plane applies before: the namespace, priorities, who may do what. */
  findInCluster(kind: string, name: string): Manifest;
}

/** Renders both overlays before the tests of the file. Where no overlay is named, production is meant. */
export function useRenderedManifests(): RenderedManifests {
  const rendered = new Map<Overlay, readonly Manifest[]>();
  let cluster: readonly Manifest[] = [];
  beforeAll(async () => {
    for (const overlay of ['production', 'development'] as const)
      rendered.set(overlay, await render(`workloads/manifests/overlays/${overlay}`));
    cluster = await render('workloads/addons/cluster-access');
  });
  const all = (overlay: Overlay = 'production') => rendered.get(overlay)!;
  return {
    all,
    find: (kind, name, overlay) =>
      all(overlay).find((manifest) => manifest.kind === kind && manifest.metadata.name === name),
    findInCluster: (kind, name) =>
      cluster.find((manifest) => manifest.kind === kind && manifest.metadata.name === name),
  };
}

async function render(folder: string): Promise<readonly Manifest[]> {
  const { stdout } = await promisify(execFile)(await kubectlPath(), ['kustomize', projectPath(folder)]);
  return parseAllDocuments(stdout).map((document) => document.toJS());
}
