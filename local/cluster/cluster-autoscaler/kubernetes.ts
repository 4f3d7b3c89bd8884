/** The API server as the autoscaler's service account sees it. */
import { join } from 'node:path';
import { CoreV1Api, KubeConfig, PolicyV1Api } from '@kubernetes/client-node';
import { isConditionTrue } from '../apimachinery/conditions.ts';
import type { Node, Pod, PodDisruptionBudget } from '../apimachinery/kinds.ts';

/** By which the scheduler keeps new pods off, and people see why. */
const removalTaint = { key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' } as const;

export interface ClusterState {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly budgets: readonly PodDisruptionBudget[];
}

export interface ApiServer {
  readonly host: string;
  readonly port: string;
  /** With token and ca.crt, as every pod has it. */
  readonly serviceAccountFolder: string;
}

export class Kubernetes {
  readonly #core: CoreV1Api;
  readonly #policy: PolicyV1Api;

  constructor({ host, port, serviceAccountFolder }: ApiServer) {
    const config = new KubeConfig();
    const tokenFile = join(serviceAccountFolder, 'token');
    config.loadFromOptions({
      clusters: [{ name: 'own', server: `https://${host}:${port}`, caFile: join(serviceAccountFolder, 'ca.crt') }],
      users: [{ name: 'own', authProvider: { name: 'tokenFile', config: { tokenFile } } }],
      contexts: [{ name: 'own', cluster: 'own', user: 'own' }],
      currentContext: 'own',
    });
    this.#core = config.makeApiClient(CoreV1Api);
    this.#policy = config.makeApiClient(PolicyV1Api);
  }

  async state(): Promise<ClusterState> {
    const [nodes, pods, budgets] = await Promise.all([
      this.#core.listNode(),
      this.#core.listPodForAllNamespaces(),
      this.#policy.listPodDisruptionBudgetForAllNamespaces(),
    ]);
    // The client's types differ from the wire's by their dates, of which only the presence matters here.
    return {
      nodes: nodes.items as unknown as Node[],
      pods: pods.items as unknown as Pod[],
      budgets: budgets.items as unknown as PodDisruptionBudget[],
    };
  }

  /** Takes a node out of service, or back into it. */
  async setRemoval(name: string, isRemoved: boolean): Promise<void> {
    const node = await this.#core.readNode({ name });
    const others = (node.spec?.taints ?? []).filter(({ key }) => key !== removalTaint.key);
    const value = String(Math.floor(Date.now() / 1000));
    const taints = isRemoved ? [...others, { ...removalTaint, value }] : others;
    await this.#core.replaceNode({ name, body: { ...node, spec: { ...node.spec, taints, unschedulable: isRemoved } } });
  }

  /** @returns false while a disruption budget forbids it */
  async evict({ metadata: { name, namespace = '' } }: Pod, gracePeriodSeconds: number): Promise<boolean> {
    const body = { metadata: { name, namespace }, deleteOptions: { gracePeriodSeconds } };
    try {
      await this.#core.createNamespacedPodEviction({ name, namespace, body });
      return true;
    } catch (error) {
      const { code } = error as { code?: number };
      if (code === 404) return true;
      if (code === 429) return false;
      throw error;
    }
  }
}

/** Ready, and not on its way out. */
export function isUsable(node: Node): boolean {
  const isBeingRemoved = (node.spec.taints ?? []).some(({ key }) => key === removalTaint.key);
  return isConditionTrue(node, 'Ready') && !isBeingRemoved;
}

/** Of 'aws:///us-east-1a/i-0123'; undefined until the cloud controller manager knows the node. */
export function instanceIdOf({ spec }: Node): string | undefined {
  return spec.providerID?.split('/').at(-1);
}
