import { z } from 'zod';
import { readSecret } from '../shared/cluster/secrets.ts';
import {
  type JoinCredentials,
  waitForJoinCredentialsInput,
  waitForJoinCredentialsOutput,
} from '../shared/contracts.ts';
import { json, readEnvironment, text } from '../shared/env.ts';
import { JoinCredentialsMissingError } from '../shared/errors.ts';
import { task } from '../shared/task.ts';

const environment = readEnvironment({ JOIN_SECRET_ID: text });

/** { endpoint, token, caCertHash, expiresAt }. Only the expiry leaves this module. */
const joinSecret = json(
  z.object({
    endpoint: text,
    token: text,
    caCertHash: text,
    ...waitForJoinCredentialsOutput.shape,
  }),
);

/** A token that ends sooner may be refused by the time the worker uses it. */
const usableMilliseconds = 60_000;

/**
 * One look whether workers can join; the state machine's Retry does the waiting. Calls secretsmanager:GetSecretValue.
 * @throws JoinCredentialsMissingError
 */
export const handler = task(waitForJoinCredentialsInput, async (_input, { signal }): Promise<JoinCredentials> => {
  const secret = environment.JOIN_SECRET_ID;
  const value = await readSecret(secret, signal);
  if (value === undefined) {
    throw new JoinCredentialsMissingError(`the secret ${secret} has no value yet: issue-join-credentials puts it`);
  }
  const credentials = joinSecret.safeParse(value);
  if (!credentials.success) {
    throw new JoinCredentialsMissingError(
      `the secret ${secret} does not hold {endpoint, token, caCertHash, expiresAt}`,
    );
  }
  const { expiresAt } = credentials.data;
  if (Date.parse(expiresAt) < Date.now() + usableMilliseconds) {
    throw new JoinCredentialsMissingError(
      `the token in the secret ${secret} expires at ${expiresAt}: run issue-join-credentials on the control plane`,
    );
  }
  return { expiresAt };
});
