import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { tell } from '../shared/alarm.ts';
import { readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { ClusterUnreachableError, KubeconfigInvalidError } from '../shared/errors.ts';
import { task } from '../shared/task.ts';

const environment = readEnvironment({
  CLUSTER_NAME: text,
  ALARM_TOPIC_ARN: text,
  /** By commas. */
  KUBECONFIG_SECRET_IDS: text,
});

/** They are renewed in their last thirty days, once a week: ten days later the renewal has failed, or does not run at all. */
const overdueDays = 20;
const millisecondsPerDay = 86_400_000;

interface Expiry {
  readonly secretId: string;
  readonly end: Date;
}

/**
 * Tells the topic, once a day, of kubeconfigs that end soon because nothing renews them. Before the cluster's birth there are none. Calls
 * secretsmanager:GetSecretValue, sns:Publish.
 * @throws KubeconfigInvalidError
 */
export const handler = task(z.unknown(), async (_event, { signal }): Promise<{ readonly overdue: number }> => {
  const secretIds = environment.KUBECONFIG_SECRET_IDS.split(',');
  const expiries = await Promise.all(secretIds.map((secretId) => expiryOf(secretId, signal)));
  const limit = Date.now() + overdueDays * millisecondsPerDay;
  const overdue = expiries.filter((expiry) => expiry !== undefined).filter(({ end }) => end.getTime() < limit);
  if (overdue.length > 0) {
    const name = `${environment.CLUSTER_NAME}-credentials-end`;
    await tell({ topicArn: environment.ALARM_TOPIC_ARN, name, lines: overdueLines(overdue) }, signal);
  }
  return { overdue: overdue.length };
});

/** @returns undefined as long as the secret has no value */
async function expiryOf(secretId: string, signal: AbortSignal): Promise<Expiry | undefined> {
  try {
    const { clientCertificate } = await readKubeconfig(secretId, signal);
    if (clientCertificate === undefined)
      throw new KubeconfigInvalidError(`the kubeconfig in the secret ${secretId} has no client certificate`);
    return { secretId, end: new X509Certificate(clientCertificate).validToDate };
  } catch (error) {
    if (error instanceof ClusterUnreachableError) return undefined;
    throw error;
  }
}

function overdueLines(overdue: readonly Expiry[]): readonly string[] {
  return [
    'Credentials were not renewed in time:',
    ...overdue.map(({ secretId, end }) => `${secretId} ends on ${end.toISOString().slice(0, 10)}`),
    'Then nothing joins, drains or deploys. ./stepkube rotate kubeconfig --yes renews them.',
    'Runbook: docs/runbooks/credentials-end.md',
  ];
}
