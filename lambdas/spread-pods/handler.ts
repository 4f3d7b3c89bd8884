import { CoreV1Api } from '@kubernetes/client-node';
import { z } from 'zod';
import { evict } from '../shared/cluster/evict.ts';
import { readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { callKubernetes, loadKubeconfig } from '../shared/cluster/kubernetes.ts';
import { nameOf } from '../shared/cluster/pods.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { logger, task } from '../shared/task.ts';
import { crowdedPods } from './crowded.ts';

const environment = readEnvironment({ KUBECONFIG_SECRET_ID: text });

/** A pod's whole grace; nothing here has a deadline. */
const unlimitedSeconds = 3600;

/**
 * After a worker has entered service: pods that were placed before it was there go on standing together on the others, and one lost node
 * takes all of them. One pod of each such owner is evicted, within its disruption budget; its replacement is placed where the fewest are.
 * Calls secretsmanager:GetSecretValue and the Kubernetes API (nodes, pods, pods/eviction).
 * @throws KubeconfigInvalidError, ClusterUnreachableError
 */
export const handler = task(
  z.unknown(),
  async (_event, { signal }): Promise<{ readonly evicted: readonly string[] }> => {
    const kubeconfig = await readKubeconfig(environment.KUBECONFIG_SECRET_ID, signal);
    const { server } = kubeconfig;
    const api = loadKubeconfig(kubeconfig).makeApiClient(CoreV1Api);
    const [nodes, pods] = await Promise.all([
      callKubernetes(server, () => api.listNode()),
      callKubernetes(server, () => api.listPodForAllNamespaces()),
    ]);
    const evicted: string[] = [];
    for (const pod of crowdedPods(nodes.items, pods.items)) {
      const { outcome } = await evict(pod, { api, server, secondsLeft: unlimitedSeconds });
      if (outcome === 'evicted') evicted.push(nameOf(pod));
    }
    if (evicted.length > 0) logger.info('moved pods that stood together', { evicted });
    return { evicted };
  },
);
