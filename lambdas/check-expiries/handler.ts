import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { type Kubeconfig, readKubeconfig } from '../shared/cluster/kubeconfig.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { ClusterUnreachableError, KubeconfigInvalidError } from '../shared/errors.ts';
import { logger, task } from '../shared/task.ts';
import { serverCertificateEnd } from './server-certificate.ts';

const environment = readEnvironment({
  /** By commas. */
  KUBECONFIG_SECRET_IDS: text,
});

/** Kubeconfigs are renewed in their last thirty days, once a week: ten days later the renewal has failed, or does not run at all. */
const overdueDays = 20;
const millisecondsPerDay = 86_400_000;

interface Expiry {
  readonly what: string;
  readonly end: Date;
}

/** 'overdue': somebody is told. */
export type Expiries = { readonly outcome: 'none' } | { readonly outcome: 'overdue'; readonly credentials: string };

/**
 * Looks for what ends soon because nothing renews it: kubeconfigs, and the API server's certificate, with which kubeadm's others end. Its
 * result is an event, whose rule tells the topic. Before the cluster's birth there is nothing. Calls secretsmanager:GetSecretValue, and
 * opens a connection to the API server.
 * @throws KubeconfigInvalidError
 */
export const handler = task(z.unknown(), async (_event, { signal }): Promise<Expiries> => {
  const secretIds = environment.KUBECONFIG_SECRET_IDS.split(',');
  const stored = await Promise.all(secretIds.map((secretId) => kubeconfigOf(secretId, signal)));
  const limit = Date.now() + overdueDays * millisecondsPerDay;
  const expiries = [...stored.flatMap(clientExpiry), ...(await serverExpiry(stored[0]?.kubeconfig, signal))];
  const overdue = expiries.filter(({ end }) => end.getTime() < limit);
  if (overdue.length === 0) return { outcome: 'none' };
  const credentials = overdue.map(({ what, end }) => `${what} ends on ${end.toISOString().slice(0, 10)}`).join(', ');
  logger.warn('credentials end soon', { credentials });
  return { outcome: 'overdue', credentials };
});

interface StoredKubeconfig {
  readonly secretId: string;
  /** undefined as long as the secret has no value. */
  readonly kubeconfig: Kubeconfig | undefined;
}

async function kubeconfigOf(secretId: string, signal: AbortSignal): Promise<StoredKubeconfig> {
  try {
    return { secretId, kubeconfig: await readKubeconfig(secretId, signal) };
  } catch (error) {
    if (error instanceof ClusterUnreachableError) return { secretId, kubeconfig: undefined };
    throw error;
  }
}

function clientExpiry({ secretId, kubeconfig }: StoredKubeconfig): readonly Expiry[] {
  if (kubeconfig === undefined) return [];
  const { clientCertificate } = kubeconfig;
  if (clientCertificate === undefined)
    throw new KubeconfigInvalidError(`the kubeconfig in the secret ${secretId} has no client certificate`);
  return [{ what: nameOf(secretId), end: new X509Certificate(clientCertificate).validToDate }];
}

/** Of an ARN, which ends with a hyphen and six characters of Secrets Manager's choice. */
const nameOf = (secretId: string): string => /:secret:(.+)-\w{6}$/.exec(secretId)?.[1] ?? secretId;

async function serverExpiry(kubeconfig: Kubeconfig | undefined, signal: AbortSignal): Promise<readonly Expiry[]> {
  const end = kubeconfig && (await serverCertificateEnd(kubeconfig, signal));
  return end === undefined ? [] : [{ what: "the API server's certificate", end }];
}
