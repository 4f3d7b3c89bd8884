import { setTimeout as wait } from 'node:timers/promises';
import { ApiException, CoreV1Api, KubeConfig, type V1Node } from '@kubernetes/client-node';
import type { Kubeconfig } from '../shared/cluster/kubeconfig.ts';
import { ClusterUnreachableError, KubeconfigInvalidError } from '../shared/errors.ts';
import { watchNodes } from './watch.ts';

export interface ClusterNode {
  readonly name: string;
  /** e.g. aws:///us-east-1a/i-0123456789abcdef0 */
  readonly providerId: string | undefined;
  /** Why the node does not count; undefined if it is Ready and is not being deleted. */
  readonly notReady: string | undefined;
}

const listTimeoutMilliseconds = 10_000;
/** Between the end of a watch and the next list. */
const pauseMilliseconds = 250;

/**
 * Yields the cluster's nodes, now and after each change, until the signal aborts.
 * @throws ClusterUnreachableError if the API does not answer or refuses
 */
export async function* followNodes(kubeconfig: Kubeconfig, signal: AbortSignal): AsyncGenerator<ClusterNode[]> {
  const config = load(kubeconfig);
  while (!signal.aborted) {
    const { nodes, resourceVersion } = await list(config, kubeconfig.server);
    yield [...nodes.values()];
    // A watch ends regularly (the server's timeout, an expired resource version): list again.
    for await (const { type, node } of watchNodes(config, resourceVersion, signal)) {
      const changed = toClusterNode(node);
      if (type === 'DELETED') nodes.delete(changed.name);
      else nodes.set(changed.name, changed);
      yield [...nodes.values()];
    }
    await wait(pauseMilliseconds);
  }
}

function load({ text }: Kubeconfig): KubeConfig {
  try {
    const config = new KubeConfig();
    config.loadFromString(text);
    return config;
  } catch {
    throw new KubeconfigInvalidError('the kubeconfig cannot be loaded'); // the parser's error quotes the text
  }
}

async function list(
  config: KubeConfig,
  server: string,
): Promise<{ nodes: Map<string, ClusterNode>; resourceVersion: string }> {
  const timer = new AbortController();
  try {
    const response = await Promise.race([
      config.makeApiClient(CoreV1Api).listNode(),
      wait(listTimeoutMilliseconds, undefined, { signal: timer.signal }),
    ]);
    if (response === undefined) throw new Error(`no answer within ${listTimeoutMilliseconds / 1000} seconds`);
    const nodes = response.items.map(toClusterNode);
    return {
      nodes: new Map(nodes.map((node) => [node.name, node])),
      resourceVersion: response.metadata?.resourceVersion ?? '',
    };
  } catch (error) {
    throw new ClusterUnreachableError(`the Kubernetes API at ${server}: ${reasonOf(error)}`);
  } finally {
    timer.abort();
  }
}

/** The HTTP status, or the network's error code: the message alone is only 'fetch failed'. */
function reasonOf(error: unknown): string {
  if (error instanceof ApiException) {
    const hint = error.code === 401 ? ': the kubeconfig has expired or was revoked' : '';
    return `answered HTTP ${error.code}${hint}`;
  }
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
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
