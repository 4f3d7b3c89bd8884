import { z } from 'zod';
import { readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { instanceId } from '../shared/contracts.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { NodesNotReadyError } from '../shared/errors.ts';
import { task } from '../shared/task.ts';
import { type ClusterNode, followNodes } from './nodes.ts';

/** Either a number of nodes, the control plane's included, or the node of one instance. */
const nodesWanted = z.union([z.strictObject({ count: z.int().min(1).max(51) }), z.strictObject({ instanceId })]);
type NodesWanted = z.output<typeof nodesWanted>;

interface ReadyNodes {
  /** Names of the wanted nodes that are Ready, sorted. */
  readonly ready: readonly string[];
}

const environment = readEnvironment({ KUBECONFIG_SECRET_ID: text, CLUSTER_NAME: text });

/** Reserved at the end to report what is missing. */
const reserveMilliseconds = 1_500;
const watchMilliseconds = 50_000;

/**
 * Watches the nodes until the wanted ones are Ready, for up to 50 s; the state machine's Retry adds up such waits.
 * Calls secretsmanager:GetSecretValue and the Kubernetes API (list and watch nodes).
 * @throws NodesNotReadyError, ClusterUnreachableError (repeat), KubeconfigInvalidError (permanent)
 */
export const handler = task(nodesWanted, async (wanted, { signal, deadline }): Promise<ReadyNodes> => {
  const kubeconfig = await readKubeconfig(environment.KUBECONFIG_SECRET_ID, signal);
  const until = Math.min(deadline - reserveMilliseconds, Date.now() + watchMilliseconds);
  const timeLeft = AbortSignal.timeout(Math.max(0, until - Date.now()));
  let nodes: readonly ClusterNode[] = [];
  for await (nodes of followNodes(kubeconfig, AbortSignal.any([signal, timeLeft]))) {
    const ready = nodes.filter((node) => isWanted(node, wanted) && node.notReady === undefined);
    const enough = 'count' in wanted ? wanted.count : 1;
    if (ready.length >= enough) return { ready: ready.map(({ name }) => name).sort() };
  }
  throw new NodesNotReadyError(describe(nodes, wanted));
});

function isWanted({ providerId }: ClusterNode, wanted: NodesWanted): boolean {
  return 'count' in wanted || providerId?.endsWith(`/${wanted.instanceId}`) === true;
}

/** e.g. 'cluster stepkube: 1 of 3 nodes is Ready; ip-10-0-0-9: KubeletNotReady: cni plugin not initialized' */
function describe(nodes: readonly ClusterNode[], wanted: NodesWanted): string {
  const relevant = nodes.filter((node) => isWanted(node, wanted));
  const ready = relevant.filter(({ notReady }) => notReady === undefined);
  const unhealthy = relevant.filter(({ notReady }) => notReady !== undefined);
  const summary =
    'count' in wanted
      ? `${ready.length} of ${wanted.count} nodes are Ready`
      : `the node of ${wanted.instanceId} ${relevant.length === 0 ? 'is not registered' : 'is not Ready'}`;
  const present = ready.length > 0 ? [`Ready: ${ready.map(({ name }) => name).join(', ')}`] : [];
  const reasons = unhealthy.map(({ name, notReady }) => `${name}: ${notReady}`);
  return [`cluster ${environment.CLUSTER_NAME}: ${summary}`, ...present, ...reasons].join('; ');
}
