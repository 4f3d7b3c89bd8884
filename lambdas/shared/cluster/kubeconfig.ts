import { parse } from 'yaml';
import { z } from 'zod';
import { ClusterUnreachableError, KubeconfigInvalidError } from '../errors.ts';
import { readSecret } from './secrets.ts';

/** The parts of a kubeconfig that its users read; enough to recognize one. */
const kubeconfig = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url() }) })], z.unknown()),
  users: z.tuple(
    [z.object({ name: z.string(), user: z.object({ 'client-certificate-data': z.base64().optional() }).optional() })],
    z.unknown(),
  ),
  contexts: z.tuple([z.object({ name: z.string() })], z.unknown()),
  'current-context': z.string(),
});

export interface Kubeconfig {
  /** YAML with a client key: a secret. */
  readonly text: string;
  /** e.g. https://10.0.0.10:6443 */
  readonly server: string;
  /** PEM; absent when the user is known by a token. */
  readonly clientCertificate?: string;
}

/**
 * Reads a kubeconfig that init-control-plane has stored in Secrets Manager.
 * @throws ClusterUnreachableError as long as there is none; KubeconfigInvalidError, which quotes nothing of the content
 */
export async function readKubeconfig(secretId: string, signal: AbortSignal): Promise<Kubeconfig> {
  const text = await readSecret(secretId, signal);
  if (text === undefined) {
    throw new ClusterUnreachableError(`the secret ${secretId} has no value yet: init-control-plane stores it`);
  }
  const parsed = kubeconfig.safeParse(parseYaml(text));
  if (!parsed.success) throw new KubeconfigInvalidError(`the secret ${secretId} does not hold a kubeconfig`);
  const { clusters, users } = parsed.data;
  const certificate = users[0].user?.['client-certificate-data'];
  return {
    text,
    server: clusters[0].cluster.server,
    ...(certificate !== undefined && { clientCertificate: Buffer.from(certificate, 'base64').toString() }),
  };
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' });
  } catch {
    return undefined; // the parser's error quotes the text
  }
}
