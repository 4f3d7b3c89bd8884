import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { kubeconfigFor } from '#local/cluster/pki/kubeconfig.ts';
import { createCertificateAuthority } from '#local/cluster/pki/pki.ts';
import { answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const secretIds = ['deployer', 'drainer', 'viewer'].map(
  (user) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:stepkube/kubeconfig/${user}-AbC123`,
);
const daySeconds = 86_400;

/** A kubeconfig whose certificate ends in so many days. @param server by default one that nobody serves */
async function kubeconfig(days: number, server = 'https://127.0.0.1:1'): Promise<string> {
  const ca = await createCertificateAuthority();
  return kubeconfigFor({
    clusterName: 'stepkube',
    server,
    caCertificatePem: ca.certificatePem,
    userName: 'stepkube:viewer',
    credentials: await ca.issueClient('stepkube:viewer', [], days * daySeconds),
  });
}

/** @param values by secret; a secret without one is as before the cluster's birth */
async function check(values: Readonly<Record<string, string>>) {
  answerAws({
    GetSecretValue: ({ SecretId }: { SecretId: string }) => {
      const SecretString = values[SecretId];
      if (SecretString === undefined) throw awsError('ResourceNotFoundException');
      return { SecretString };
    },
  });
  const handler = await loadHandler('check-expiries', { KUBECONFIG_SECRET_IDS: secretIds.join(',') });
  return handler({}, lambdaContext());
}

describe('check-expiries', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('credentials that are renewed in time are not spoken of, also while the API server is away', async () => {
    const fresh = await kubeconfig(25);
    expect(await check(Object.fromEntries(secretIds.map((id) => [id, fresh])))).toEqual({ outcome: 'none' });
  });

  it('kubeconfigs with less than twenty days, or none at all, are named with their end, and nothing of their content', async () => {
    const [fresh, late, over] = await Promise.all([kubeconfig(90), kubeconfig(19), kubeconfig(-1)]);
    const values = Object.fromEntries(secretIds.map((id, index) => [id, [fresh, late, over][index]!]));
    const { outcome, credentials } = (await check(values)) as Record<string, string>;
    expect(outcome).toBe('overdue');
    expect(credentials).toMatch(
      /^stepkube\/kubeconfig\/drainer ends on \d{4}-\d\d-\d\d, stepkube\/kubeconfig\/viewer ends on \d{4}-\d\d-\d\d$/,
    );
  });

  it.each([
    [19, 'overdue'],
    [-1, 'overdue'],
    [25, 'none'],
  ])("an API server's certificate with %i days left is %s", async (days, outcome) => {
    const ca = await createCertificateAuthority();
    const { keyPem: key, certificatePem: cert } = await ca.issueClient('kube-apiserver', [], days * daySeconds);
    const server = createServer({ key, cert }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const fresh = await kubeconfig(90, `https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const result = (await check({ [secretIds[0]!]: fresh })) as Record<string, string>;
    server.close();
    expect(result['outcome']).toBe(outcome);
    if (outcome === 'overdue') expect(result['credentials']).toMatch(/^the API server's certificate ends on \d{4}-/);
  });

  it('before the birth of the cluster there is nothing to tell', async () => {
    expect(await check({})).toEqual({ outcome: 'none' });
  });

  it('a secret that holds something else is an error that quotes nothing of it', async () => {
    const error = await errorOf(check({ [secretIds[0]!]: 'planted-content' }));
    expect(error.name).toBe('KubeconfigInvalidError');
    expect(error.message).not.toContain('planted');
  });
});
