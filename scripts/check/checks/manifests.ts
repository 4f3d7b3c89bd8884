import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { kubectlPath } from '@stepkube/tools/kubectl.ts';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import type { Check } from '../check-outcome.ts';
import { commandOutcome } from '../run-command.ts';

const patterns = ['workloads/**/overlays/*/kustomization.yaml', 'workloads/addons/*/kustomization.yaml'];

/** Cannot be rendered without a file that install-network downloads on the control plane. */
const incomplete: Readonly<Record<string, string>> = { 'workloads/addons/calico': 'calico.yaml' };

/** One check per overlay and add-on: the layer's own kubectl renders it. */
export const manifests: readonly Check[] = globSync(patterns, {
  cwd: projectFolder,
  exclude: (name) => name.includes('node_modules'),
})
  .map((file) => dirname(file))
  .sort()
  .map((folder) => ({
    name: `kustomize ${folder}`,
    run: async () => {
      const missing = incomplete[folder];
      if (missing !== undefined) return { status: 'skipped', detail: `${missing} is downloaded later, not checked` };
      return commandOutcome(await kubectlPath(), ['kustomize', folder]);
    },
  }));
