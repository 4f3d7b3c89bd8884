import { setTimeout as wait } from 'node:timers/promises';
import { CoreV1Api, type KubeConfig, type V1Node } from '@kubernetes/client-node';
import type { Kubeconfig } from '../shared/cluster/kubeconfig.ts';
import { callKubernetes, loadKubeconfig, reasonOf, statusOf } from '../shared/cluster/kubernetes.ts';
import { watchObjects } from '../shared/cluster/watch.ts';
import { ClusterUnreachableError } from '../shared/errors.ts';

export interface ClusterNode {
  readonly name: string;
  /** e.g. aws:///us-east-1a/i-0123456789abcdef0 */
  readonly providerId: string | undefined;
  /** Why the node does not count; undefined if it is Ready and is not being deleted. */
  readonly notReady: string | undefined;
}

/** Between the end of a watch and the next list. */
const pauseMilliseconds = 250;

/**
 * Yields the cluster's nodes, now and after each change, until the signal aborts.
 * @throws ClusterUnreachableError if the API does not answer or refuses
 */
export async function* followNodes(kubeconfig: Kubeconfig, signal: AbortSignal): AsyncGenerator<ClusterNode[]> {
  const config = loadKubeconfig(kubeconfig);
  while (!signal.aborted) {
    const { nodes, resourceVersion } = await list(config, kubeconfig.server);
    yield [...nodes.values()];
    // A watch ends regularly (the server's timeout, an expired resource version): list again.
    for await (const { type, object } of watchObjects<V1Node>(config, '/api/v1/nodes', { resourceVersion }, signal)) {
      const changed = toClusterNode(object);
      if (type === 'DELETED') nodes.delete(changed.name);
      else nodes.set(changed.name, changed);
      yield [...nodes.values()];
    }
    await wait(pauseMilliseconds);
  }
}

async function list(
  config: KubeConfig,
  server: string,
): Promise<{ nodes: Map<string, ClusterNode>; resourceVersion: string }> {
  try {
    const response = await callKubernetes(server, () => config.makeApiClient(CoreV1Api).listNode());
    const nodes = response.items.map(toClusterNode);
    return {
      nodes: new Map(nodes.map((node) => [node.name, node])),
      resourceVersion: response.metadata?.resourceVersion ?? '',
    };
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    throw new ClusterUnreachableError(`the Kubernetes API at ${server}: ${reasonOf(error)}`);
  }
}

function toClusterNode({ metadata, spec, status }: V1Node): ClusterNode {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    name: metadata?.name ?? '',
    providerId: spec?.providerID,
    notReady: metadata?.deletionTimestamp !== undefined ? 'is being deleted' : whyNotReady(ready),
  };
}

function whyNotReady(ready: { status: string; reason?: string; message?: string } | undefined): string | undefined {
  if (ready?.status === 'True') return undefined;
  if (ready === undefined) return 'its kubelet has not reported yet';
  return [ready.reason, ready.message].filter(Boolean).join(': ') || `Ready is ${ready.status}`;
}
