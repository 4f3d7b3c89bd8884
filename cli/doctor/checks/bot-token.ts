import { DescribeSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import type { AccountAccess } from '../account-access.ts';
import { type Check, ok, problem } from '../check.ts';

const secretValue = z.object({ token: z.string() });
/** The bot's number, a colon, and 35 characters. */
const tokenPattern = /^\d+:[\w-]{35}$/;

/** Before the first deployment there is no secret, and between deployment and provisioning a person fills in the token. */
export const botToken: Check = {
  name: 'bot-token',
  permissions: ({ config, partition, accountId }) => {
    // Without the six characters that AWS appends: a secret that does not exist has none.
    const arn = `arn:${partition}:secretsmanager:${config.region}:${accountId}:secret:${config.clusterName}/telegram*`;
    return ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'].map((action) => ({
      action,
      resources: [arn],
    }));
  },
  async examine(account) {
    const { config, secretsManager, ask } = account;
    const name = `${config.clusterName}/telegram`;
    const secret = await ask('secretsmanager:DescribeSecret', () =>
      secretsManager.send(new DescribeSecretCommand({ SecretId: name })),
    ).catch((error: Error) => {
      if (error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    });
    if (secret === undefined) return ok(`the secret ${name} does not exist yet: it is filled in after the deployment`);
    if (secret.DeletedDate !== undefined) {
      return problem(
        `the secret ${name} waits for its deletion, and until then no other can have its name`,
        `Delete it at once: aws secretsmanager delete-secret --force-delete-without-recovery --secret-id ${name}`,
      );
    }
    const token = await readToken(account, name);
    if (token !== undefined && tokenPattern.test(token)) return ok(`the secret ${name} holds a token`);
    const what = token ? 'holds no token of a bot (digits, a colon, 35 characters)' : 'holds no token yet';
    return problem(
      `the secret ${name} ${what}`,
      'Put the token from @BotFather into it: step 3 of "Deploy it" in README.md.',
    );
  },
};

/** @returns undefined if the secret has no value, or one of another shape. The value itself goes nowhere. */
async function readToken({ secretsManager, ask }: AccountAccess, name: string): Promise<string | undefined> {
  const value = await ask('secretsmanager:GetSecretValue', () =>
    secretsManager.send(new GetSecretValueCommand({ SecretId: name })),
  ).catch((error: Error) => {
    if (error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  });
  try {
    return secretValue.parse(JSON.parse(value?.SecretString ?? '')).token;
  } catch {
    return undefined;
  }
}
