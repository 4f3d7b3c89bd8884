import { CoreV1Api, type V1Node } from '@kubernetes/client-node';
import { z } from 'zod';
import { type Kubeconfig, readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { callKubernetes, loadKubeconfig } from '../shared/cluster/kubernetes.ts';
import { readEnvironment, seconds, text } from '../shared/env.ts';
import { ClusterUnreachableError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';
import { type LostWorkers, lostWorkers } from './lost-workers.ts';

const environment = readEnvironment({
  KUBECONFIG_SECRET_ID: text,
  LOST_AFTER_SECONDS: seconds,
  ROUND_SECONDS: seconds,
});

/**
 * Looks for a worker that has not been Ready for too long although its instance runs: a hung kubelet, a full disk. Its result is an event,
 * whose rule has the worker replaced. While the API server does not answer there is nothing to tell. Calls
 * secretsmanager:GetSecretValue and the Kubernetes API (nodes).
 * @throws KubeconfigInvalidError
 */
export const handler = task(z.unknown(), async (_event, { signal }): Promise<LostWorkers> => {
  try {
    const kubeconfig = await readKubeconfig(environment.KUBECONFIG_SECRET_ID, signal);
    const found = lostWorkers(await listNodes(kubeconfig), {
      lostAfterSeconds: environment.LOST_AFTER_SECONDS,
      roundSeconds: environment.ROUND_SECONDS,
    });
    if (found.outcome !== 'none') logger.warn('workers are not Ready', { ...found });
    return found;
  } catch (error) {
    if (error instanceof ClusterUnreachableError) return { outcome: 'none' };
    throw error;
  }
});

async function listNodes(kubeconfig: Kubeconfig): Promise<readonly V1Node[]> {
  const api = loadKubeconfig(kubeconfig).makeApiClient(CoreV1Api);
  return (await callKubernetes(kubeconfig.server, () => api.listNode())).items;
}
