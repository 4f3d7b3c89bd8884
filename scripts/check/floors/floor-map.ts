/**
 * Which folders a folder may import from besides itself. The longest entry that a path begins with decides; `*` stands for
 * any one folder name, so that `workloads/*` keeps the services from importing each other. docs/architecture.md and
 * CONTRIBUTING.md show the same map in words.
 */
export type FloorMap = Readonly<Record<string, readonly string[]>>;

const everything = ['cli', 'cluster.config.ts', 'infra', 'lambdas', 'local', 'ssm-documents', 'tools', 'workloads'];

/** What the components of the twin's cluster share. */
const clusterBase = ['local/cluster/apimachinery', 'local/cluster/pki', 'local/cluster/client'];
const twinBase = ['local/contracts', 'tools'];

export const floorMap: FloorMap = {
  tools: [],

  'workloads/shared/contracts': [],
  'workloads/shared/service': ['workloads/shared/contracts'],
  'workloads/shared/queue': ['workloads/shared/contracts', 'workloads/shared/service'],
  'workloads/shared/events': ['workloads/shared/contracts', 'workloads/shared/service', 'workloads/shared/queue'],
  'workloads/*': ['workloads/shared'],

  'ssm-documents': ['tools'],
  'lambdas/shared': [],
  'lambdas/*': ['lambdas/shared'],

  'infra/config.ts': ['workloads/shared/contracts'],
  'infra/lib': ['infra/config.ts', 'tools'],
  'infra/nodes': ['infra/config.ts', 'infra/lib', 'infra/identity'],
  'infra/service': ['infra/config.ts', 'infra/lib', 'tools', 'workloads/shared'],
  'infra/identity': ['infra/config.ts', 'infra/lib', 'infra/service'],
  'infra/commands': ['infra/config.ts', 'infra/lib', 'ssm-documents', 'tools'],
  'infra/machines': ['infra', 'tools'],
  infra: ['cluster.config.ts', 'tools'],
  'cluster.config.ts': ['infra/config.ts'],

  'local/contracts': [],
  'local/context': ['local/contracts'],
  'local/assembly': [...twinBase, 'infra'],
  'local/cloud': [...twinBase, 'local/context'],
  'local/instance': twinBase,
  'local/telegram': [...twinBase, 'workloads/shared/contracts'],
  'local/console': [...twinBase, 'local/telegram', 'workloads/shared/contracts'],
  'local/cluster/apimachinery': ['ssm-documents'],
  'local/cluster/pki': ['local/cluster/apimachinery'],
  'local/cluster/storage': ['local/cluster/apimachinery'],
  'local/cluster/client': ['local/cluster/apimachinery', 'local/contracts'],
  'local/cluster/apiserver': [...clusterBase, 'local/cluster/storage', 'local/contracts'],
  'local/cluster/metrics-server': [...clusterBase, 'local/contracts'],
  'local/cluster/scheduler': [...clusterBase, 'local/contracts'],
  'local/cluster/kube-proxy': [...clusterBase, 'local/contracts'],
  'local/cluster/cloud-controller-manager': [...clusterBase, 'local/contracts'],
  'local/cluster/controller-manager': [...clusterBase, 'local/contracts'],
  // As the real one: it places pods by the scheduler's own rules. Otherwise it knows the cluster only by its API.
  'local/cluster/cluster-autoscaler': ['local/cluster/apimachinery', 'local/cluster/scheduler'],
  'local/cluster/kubelet': [...clusterBase, 'local/contracts'],
  'local/cluster': ['local/contracts', 'tools'],
  local: ['infra', 'tools'],

  cli: ['cluster.config.ts', 'infra', 'local', 'tools'],
  test: [...everything, 'scripts'],
  scripts: everything,
};
