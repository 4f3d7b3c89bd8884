import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../clients.ts';

const secretsManager = new SecretsManagerClient(clientSettings);

/** @returns the secret's text; undefined if it has no value yet or does not exist. */
export async function readSecret(secretId: string, abortSignal: AbortSignal): Promise<string | undefined> {
  try {
    const { SecretString } = await secretsManager.send(new GetSecretValueCommand({ SecretId: secretId }), {
      abortSignal,
    });
    return SecretString;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
