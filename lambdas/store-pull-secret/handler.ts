import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { readEnvironment, text } from '../shared/env.ts';
import { RegistryTokenMissingError } from '../shared/errors.ts';
import { task } from '../shared/task.ts';

const environment = readEnvironment({ PULL_SECRET_ID: text });
const ecr = new ECRClient(clientSettings);
const secretsManager = new SecretsManagerClient(clientSettings);

/**
 * Stores a fresh password of the account's registry, in the form in which Kubernetes keeps it:
 * {"auths":{"123456789012.dkr.ecr.us-east-1.amazonaws.com":{"auth":"QVdTOi..."}}}. It lives for twelve hours, and pulls what this function's role
 * may pull. Calls ecr:GetAuthorizationToken, secretsmanager:PutSecretValue.
 * @throws RegistryTokenMissingError
 */
export const handler = task(z.strictObject({}), async (_input, { signal }): Promise<{ expiresAt: string }> => {
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}), { abortSignal: signal });
  const { authorizationToken, proxyEndpoint, expiresAt } = authorizationData[0] ?? {};
  if (authorizationToken === undefined || proxyEndpoint === undefined || expiresAt === undefined)
    throw new RegistryTokenMissingError('ecr:GetAuthorizationToken answered without a token');
  const auths = { [new URL(proxyEndpoint).host]: { auth: authorizationToken } };
  await secretsManager.send(
    new PutSecretValueCommand({ SecretId: environment.PULL_SECRET_ID, SecretString: JSON.stringify({ auths }) }),
    { abortSignal: signal },
  );
  return { expiresAt: expiresAt.toISOString() };
});
