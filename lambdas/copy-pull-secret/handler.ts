import { z } from 'zod';
import { readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { readSecret } from '../shared/cluster/secrets.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { ClusterUnreachableError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';
import { type Copied, PullSecretCopies } from './pull-secret-copies.ts';

const input = z.strictObject({
  /** 'skip': every minute, when the cluster may be asleep or not born yet. */
  whenUnreachable: z.enum(['fail', 'skip']).default('fail'),
});

const environment = readEnvironment({ KUBECONFIG_SECRET_ID: text, PULL_SECRET_ID: text });

/**
 * Brings the stored registry password into every namespace, and to its default service account. What is up to date is not touched. Calls
 * secretsmanager:GetSecretValue and the Kubernetes API (namespaces, secrets, service accounts).
 * @throws ClusterUnreachableError (repeat), KubeconfigInvalidError (permanent)
 */
export const handler = task(input, async ({ whenUnreachable }, { signal }): Promise<Copied | { skipped: string }> => {
  try {
    const [kubeconfig, dockerConfig] = await Promise.all([
      readKubeconfig(environment.KUBECONFIG_SECRET_ID, signal),
      readSecret(environment.PULL_SECRET_ID, signal),
    ]);
    if (dockerConfig === undefined)
      throw new ClusterUnreachableError(`the secret ${environment.PULL_SECRET_ID} has no value yet`);
    const copied = await new PullSecretCopies(kubeconfig, dockerConfig).complete(signal);
    if (copied.secrets.length + copied.accounts.length > 0) logger.info('pull secret copied', { ...copied });
    return copied;
  } catch (error) {
    if (whenUnreachable === 'skip' && error instanceof ClusterUnreachableError) return { skipped: error.message };
    throw error;
  }
});
