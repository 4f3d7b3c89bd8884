import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { z } from 'zod';
import { readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { type AppliedWorkloads, applyWorkloadsInput } from '../shared/contracts.ts';
import { json, readEnvironment, text } from '../shared/env.ts';
import { logger, task } from '../shared/task.ts';
import { writeDeployment } from './deployment.ts';
import { asApplyFailure, type Kubectl, prepareKubectl } from './kubectl.ts';
import { findLoadBalancer } from './load-balancer.ts';
import { findWorkloads, waitForRollouts } from './rollouts.ts';

const environment = readEnvironment({
  KUBECONFIG_SECRET_ID: text,
  KUBECTL: text,
  LAMBDA_TASK_ROOT: text,
  WORKLOAD_IMAGES: json(z.record(z.string(), text)),
  WORKLOAD_PARAMETERS: json(z.record(z.string(), z.record(z.string(), z.string()))),
  BOT_DOMAIN: text,
  BOT_CERTIFICATE_ARN: text.optional(),
});

const applySeconds = 60;
/** Time kept back to read why pods are not ready. */
const reserveMilliseconds = 20_000;
const shortestWaitSeconds = 5;
const loadBalancerSeconds = 180;

/**
 * Applies the production overlay, with this deployment's images and parameters, and waits until it is rolled out.
 * Calls secretsmanager:GetSecretValue and the Kubernetes API by kubectl.
 * @throws ClusterUnreachableError, ApplyFailedError, RolloutFailedError, KubeconfigInvalidError
 */
export const handler = task(applyWorkloadsInput, async (_input, { signal, deadline }): Promise<AppliedWorkloads> => {
  const kubeconfig = await readKubeconfig(environment.KUBECONFIG_SECRET_ID, signal);
  const folder = await mkdtemp(join(tmpdir(), 'apply-workloads-'));
  try {
    const kubectl = await prepareKubectl(environment.KUBECTL, folder, kubeconfig);
    const deployment = await writeDeployment(join(environment.LAMBDA_TASK_ROOT, 'manifests'), folder, {
      images: environment.WORKLOAD_IMAGES,
      parameters: environment.WORKLOAD_PARAMETERS,
      botCertificateArn: environment.BOT_CERTIFICATE_ARN,
    });
    const objects = await apply(kubectl, deployment, signal);
    const workloads = findWorkloads(objects);
    logger.info('applied the workloads', { objects: objects.length, workloads: workloads.map(({ name }) => name) });
    const secondsLeft = () => Math.max(shortestWaitSeconds, (deadline - reserveMilliseconds - Date.now()) / 1000);
    await waitForRollouts(kubectl, workloads, { timeoutSeconds: secondsLeft(), signal });
    const loadBalancer = await findLoadBalancer(kubectl, objects, {
      timeoutSeconds: Math.min(loadBalancerSeconds, secondsLeft()),
      signal,
    });
    return {
      workloads: workloads.map(({ kind, namespace, name }) => ({ kind, namespace, name })),
      endpoints: {
        bot: `https://${environment.BOT_DOMAIN}/telegram`,
        ...(loadBalancer === undefined ? {} : { loadBalancer }),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true }); // it holds a client key
  }
});

/** The objects as the cluster has them now. Fields that somebody else set are taken over: the manifests are the truth. */
async function apply(kubectl: Kubectl, folder: string, signal: AbortSignal): Promise<KubernetesObject[]> {
  const command = ['apply', '--server-side', '--force-conflicts', '--field-manager=stepkube', '--output=json'];
  try {
    const output = await kubectl([...command, '-k', folder], { timeoutSeconds: applySeconds, signal });
    const answer = JSON.parse(output) as KubernetesObject & { items?: KubernetesObject[] };
    return answer.items ?? [answer];
  } catch (error) {
    throw asApplyFailure(error);
  }
}
