import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const token = 'abcdef.planted-secret-1';
const inOneHour = new Date(Date.now() + 3_600_000).toISOString();
const controlPlane = (privateIp: string) => ({
  Reservations: [{ Instances: [{ InstanceId: 'i-0123456789abcdef0', PrivateIpAddress: privateIp }] }],
});
const secret = (expiresAt: string) => ({
  SecretString: JSON.stringify({ endpoint: '10.0.0.10:6443', token, caCertHash: 'sha256:00', expiresAt }),
});

async function look(GetSecretValue: AwsResponse, DescribeInstances: AwsResponse = controlPlane('10.0.0.10')) {
  answerAws({ GetSecretValue, DescribeInstances });
  const environment = { CLUSTER_NAME: 'stepkube', JOIN_SECRET_ID: 'stepkube/join' };
  const handler = await loadHandler('wait-for-join-credentials', environment);
  return handler({}, lambdaContext());
}

describe('wait-for-join-credentials', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it('wait-for-join-credentials returns the expiry and no secret', async () => {
    expect(await look(secret(inOneHour))).toEqual({ expiresAt: inOneHour });
  });

  it('wait-for-join-credentials throws JoinCredentialsMissingError for a secret without a value', async () => {
    const error = await errorOf(
      look(() => {
        throw awsError('ResourceNotFoundException');
      }),
    );
    expect(error.name).toBe('JoinCredentialsMissingError');
    expect(error.message).toContain('stepkube/join');
  });

  it('wait-for-join-credentials takes the credentials while the control plane is not to be seen', async () => {
    expect(await look(secret(inOneHour), { Reservations: [] })).toEqual({ expiresAt: inOneHour });
  });

  it.each([
    ['an expired token', secret(new Date(Date.now() - 1000).toISOString()), '10.0.0.10', 'JoinCredentialsExpiredError'],
    [
      'one about to expire',
      secret(new Date(Date.now() + 1000).toISOString()),
      '10.0.0.10',
      'JoinCredentialsExpiredError',
    ],
    ["another control plane's", secret(inOneHour), '10.0.0.11', 'JoinCredentialsExpiredError'],
    ['something else', { SecretString: `{"token": "${token}"` }, '10.0.0.10', 'JoinCredentialsMissingError'],
  ])('wait-for-join-credentials does not accept %s, and does not quote it', async (_what, value, privateIp, name) => {
    const error = await errorOf(look(value, controlPlane(privateIp)));
    expect(error.name).toBe(name);
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('planted-secret');
  });
});
