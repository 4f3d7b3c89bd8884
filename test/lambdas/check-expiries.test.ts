import { afterEach, describe, expect, it, vi } from 'vitest';
import { kubeconfigFor } from '#local/cluster/pki/kubeconfig.ts';
import { createCertificateAuthority } from '#local/cluster/pki/pki.ts';
import { answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const topic = 'arn:aws:sns:us-east-1:123456789012:stepkube-alarms';
const secretIds = ['stepkube/kubeconfig/deployer', 'stepkube/kubeconfig/drainer', 'stepkube/kubeconfig/viewer'];
const daySeconds = 86_400;

/** A kubeconfig whose certificate ends in so many days. */
async function kubeconfig(days: number): Promise<string> {
  const ca = await createCertificateAuthority();
  return kubeconfigFor({
    clusterName: 'stepkube',
    server: 'https://10.0.0.10:6443',
    caCertificatePem: ca.certificatePem,
    userName: 'stepkube:viewer',
    credentials: await ca.issueClient('stepkube:viewer', [], days * daySeconds),
  });
}

/** @param values by secret; a secret without one is as before the cluster's birth */
async function check(values: Readonly<Record<string, string>>) {
  const sent = answerAws({
    GetSecretValue: ({ SecretId }: { SecretId: string }) => {
      const SecretString = values[SecretId];
      if (SecretString === undefined) throw awsError('ResourceNotFoundException');
      return { SecretString };
    },
    Publish: {},
  });
  const handler = await loadHandler('check-expiries', {
    CLUSTER_NAME: 'stepkube',
    ALARM_TOPIC_ARN: topic,
    KUBECONFIG_SECRET_IDS: secretIds.join(','),
  });
  const told = () => sent.filter(({ operation }) => operation === 'Publish').map(({ input }) => input);
  return { result: handler({}, lambdaContext()), told };
}

describe('check-expiries', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('kubeconfigs that are renewed in time are not spoken of', async () => {
    const fresh = await kubeconfig(25);
    const { result, told } = await check(Object.fromEntries(secretIds.map((id) => [id, fresh])));
    expect(await result).toEqual({ overdue: 0 });
    expect(told()).toEqual([]);
  });

  it('kubeconfigs with less than twenty days, or none at all, are named with their end and what to do, and nothing of their content', async () => {
    const [fresh, late, over] = await Promise.all([kubeconfig(90), kubeconfig(19), kubeconfig(-1)]);
    const values = Object.fromEntries(secretIds.map((id, index) => [id, [fresh, late, over][index]!]));
    const { result, told } = await check(values);
    expect(await result).toEqual({ overdue: 2 });
    const [message] = told();
    expect(message).toMatchObject({ TopicArn: topic, Subject: 'ALARM: "stepkube-credentials-end"' });
    expect(message.Message).toMatch(/drainer ends on \d{4}-\d\d-\d\d\n.*viewer ends on .*\n.*rotate kubeconfig --yes/);
    expect(message.Message).not.toContain('deployer');
    expect(message.Message).not.toMatch(/CERTIFICATE|LS0t/);
  });

  it('before the birth of the cluster there is nothing to tell', async () => {
    const { result, told } = await check({});
    expect(await result).toEqual({ overdue: 0 });
    expect(told()).toEqual([]);
  });

  it('a secret that holds something else is an error that quotes nothing of it', async () => {
    const { result } = await check({ [secretIds[0]!]: 'planted-content' });
    const error = await errorOf(result);
    expect(error.name).toBe('KubeconfigInvalidError');
    expect(error.message).not.toContain('planted');
  });
});
