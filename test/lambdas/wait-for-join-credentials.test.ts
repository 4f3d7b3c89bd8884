import { afterEach, describe, expect, it, vi } from 'vitest';
import { type AwsResponse, answerAws, awsError } from '#support/aws-answers.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const token = 'abcdef.planted-secret-1';
const inOneHour = new Date(Date.now() + 3_600_000).toISOString();
const secret = (expiresAt: string) => ({
  SecretString: JSON.stringify({ endpoint: '10.0.0.10:6443', token, caCertHash: 'sha256:00', expiresAt }),
});

async function look(GetSecretValue: AwsResponse) {
  answerAws({ GetSecretValue });
  const handler = await loadHandler('wait-for-join-credentials', { JOIN_SECRET_ID: 'stepkube/join' });
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

  it.each([
    ['an expired token', secret(new Date(Date.now() - 1000).toISOString())],
    ['a token about to expire', secret(new Date(Date.now() + 1000).toISOString())],
    ['something else', { SecretString: `{"token": "${token}"` }],
  ])('wait-for-join-credentials does not accept %s, and does not quote it', async (_what, value) => {
    const error = await errorOf(look(value));
    expect(error.name).toBe('JoinCredentialsMissingError');
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('planted-secret');
  });
});
