/** Calls of the Kubernetes API, with a time limit and named errors. */
import { setTimeout as wait } from 'node:timers/promises';
import { ApiException, KubeConfig } from '@kubernetes/client-node';
import { ClusterUnreachableError, KubeconfigInvalidError } from '../errors.ts';
import type { Kubeconfig } from './kubeconfig.ts';

const callTimeoutMilliseconds = 10_000;

/** @throws KubeconfigInvalidError */
export function loadKubeconfig({ text }: Kubeconfig): KubeConfig {
  try {
    const config = new KubeConfig();
    config.loadFromString(text);
    return config;
  } catch {
    throw new KubeconfigInvalidError('the kubeconfig cannot be loaded'); // the parser's error quotes the text
  }
}

/**
 * Makes one call. Answers about the object itself (such as 403, 404 and 409) are the caller's.
 * @param server for the message
 * @throws ApiException for those; ClusterUnreachableError otherwise
 */
export async function callKubernetes<T>(server: string, call: () => Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = wait(callTimeoutMilliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${callTimeoutMilliseconds / 1000} seconds`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([call(), late]);
  } catch (error) {
    if (error instanceof ApiException && ![401, 502, 503, 504].includes(error.code)) throw error;
    throw new ClusterUnreachableError(`the Kubernetes API at ${server}: ${reasonOf(error)}`);
  } finally {
    timer.abort();
  }
}

/** The HTTP status of an answer that is about the object; undefined for every other error. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof ApiException ? error.code : undefined;

/** The HTTP status, or the network's error code: the message alone is only 'fetch failed'. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiException) {
    const hint = error.code === 401 ? ': the kubeconfig has expired or was revoked' : '';
    return `answered HTTP ${error.code}${hint}`;
  }
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}
