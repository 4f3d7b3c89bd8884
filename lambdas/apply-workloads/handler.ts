import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { z } from 'zod';
import { readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { name, type provisionClusterOutput } from '../shared/contracts.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { logger, task } from '../shared/task.ts';
import { writeDeployment } from './deployment.ts';
import { asApplyFailure, type Kubectl, prepareKubectl } from './kubectl.ts';
import { findLoadBalancer } from './load-balancer.ts';
import { pruneConfigMaps } from './prune-config-maps.ts';
import { findWorkloads, waitForRollouts } from './rollouts.ts';

/** Addresses of images and ConfigMap entries, both by service; CIDRs for the network policies. Names and addresses only, never the value of a secret. */
const input = z.strictObject({
  images: z.record(name, name),
  parameters: z.record(name, z.record(name, z.string())),
  networks: z.strictObject({
    nodes: z.cidrv4(),
    pods: z.cidrv4(),
    services: z.cidrv4(),
    endpoints: z.array(z.cidrv4()).min(1),
  }),
});

const environment = readEnvironment({
  KUBECONFIG_SECRET_ID: text,
  KUBECTL: text,
  LAMBDA_TASK_ROOT: text,
  BOT_DOMAIN: text,
  BOT_CERTIFICATE_ARN: text.optional(),
});

type AppliedWorkloads = z.output<typeof provisionClusterOutput>;

const applySeconds = 60;
const pruneSeconds = 30;
/** Reserved at the end to find out why pods are not ready. */
const reserveMilliseconds = 20_000;
const minWaitSeconds = 5;
const maxLoadBalancerSeconds = 180;

/**
 * Applies the production overlay with the deployment's settings, waits until it is rolled out, and removes the settings of
 * earlier deployments that nothing refers to any more.
 * Calls secretsmanager:GetSecretValue and the Kubernetes API by kubectl.
 * @throws ClusterUnreachableError, ApplyFailedError, RolloutFailedError, KubeconfigInvalidError
 */
export const handler = task(
  input,
  async ({ images, parameters, networks }, { signal, deadline }): Promise<AppliedWorkloads> => {
    const kubeconfig = await readKubeconfig(environment.KUBECONFIG_SECRET_ID, signal);
    const folder = await mkdtemp(join(tmpdir(), 'apply-workloads-'));
    try {
      const kubectl = await prepareKubectl(environment.KUBECTL, folder, kubeconfig);
      const deployment = await writeDeployment(join(environment.LAMBDA_TASK_ROOT, 'manifests'), folder, {
        images,
        parameters,
        networks,
        botCertificateArn: environment.BOT_CERTIFICATE_ARN,
      });
      const objects = await apply(kubectl, deployment, signal);
      const workloads = findWorkloads(objects);
      logger.info('applied the workloads', { objects: objects.length, workloads: workloads.map(({ name }) => name) });
      const secondsLeft = () => Math.max(minWaitSeconds, (deadline - reserveMilliseconds - Date.now()) / 1000);
      await waitForRollouts(kubectl, workloads, { timeoutSeconds: secondsLeft(), signal });
      const limits = { timeoutSeconds: Math.min(pruneSeconds, secondsLeft()), signal };
      const pruned = await pruneConfigMaps(kubectl, objects, limits);
      if (pruned.length > 0) logger.info('removed ConfigMaps of earlier deployments', { pruned });
      const loadBalancer = await findLoadBalancer(kubectl, objects, {
        timeoutSeconds: Math.min(maxLoadBalancerSeconds, secondsLeft()),
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
  },
);

/** @returns the objects as the cluster has them now. Takes over fields of other managers: the manifests decide. */
async function apply(kubectl: Kubectl, folder: string, signal: AbortSignal): Promise<KubernetesObject[]> {
  const command = ['apply', '--server-side', '--force-conflicts', '--field-manager=stepkube', '--output=json'];
  try {
    const output = await kubectl([...command, '-k', folder], { timeoutSeconds: applySeconds, signal });
    const applied = JSON.parse(output) as KubernetesObject & { items?: KubernetesObject[] };
    return applied.items ?? [applied];
  } catch (error) {
    throw asApplyFailure(error);
  }
}
