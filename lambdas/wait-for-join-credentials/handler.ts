import { z } from 'zod';
import { readSecret } from '../shared/cluster/secrets.ts';
import { json, readEnvironment, text } from '../shared/env.ts';
import { JoinCredentialsMissingError } from '../shared/errors.ts';
import { task } from '../shared/task.ts';

const environment = readEnvironment({ JOIN_SECRET_ID: text });

/** What issue-join-credentials stores. Only `expiresAt` leaves this module: the rest is secret. */
const joinSecret = json(
  z.object({ endpoint: text, token: text, caCertHash: text, expiresAt: z.iso.datetime({ offset: true }) }),
);

/** A token that expires sooner may be refused by the time the worker uses it. */
const minUsableMilliseconds = 60_000;

/**
 * Checks once whether workers can join; the state machine's Retry waits for it. Calls secretsmanager:GetSecretValue.
 * @throws JoinCredentialsMissingError
 */
export const handler = task(z.strictObject({}), async (_input, { signal }): Promise<{ expiresAt: string }> => {
  const secret = environment.JOIN_SECRET_ID;
  const value = await readSecret(secret, signal);
  if (value === undefined) {
    throw new JoinCredentialsMissingError(`the secret ${secret} has no value yet: issue-join-credentials stores it`);
  }
  const credentials = joinSecret.safeParse(value);
  if (!credentials.success) {
    throw new JoinCredentialsMissingError(
      `the secret ${secret} does not hold {endpoint, token, caCertHash, expiresAt}`,
    );
  }
  const { expiresAt } = credentials.data;
  if (Date.parse(expiresAt) < Date.now() + minUsableMilliseconds) {
    throw new JoinCredentialsMissingError(
      `the token in the secret ${secret} expires at ${expiresAt}: run issue-join-credentials on the control plane`,
    );
  }
  return { expiresAt };
});
