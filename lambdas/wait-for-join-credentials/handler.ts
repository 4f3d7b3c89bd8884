import { EC2Client } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { endpointOf, findControlPlane } from '../shared/cluster/control-plane.ts';
import { readSecret } from '../shared/cluster/secrets.ts';
import { json, readEnvironment, text } from '../shared/env.ts';
import { JoinCredentialsExpiredError, JoinCredentialsMissingError } from '../shared/errors.ts';
import { task } from '../shared/task.ts';

const environment = readEnvironment({ CLUSTER_NAME: text, JOIN_SECRET_ID: text });
const ec2 = new EC2Client(clientSettings);

/** What issue-join-credentials stores. Only `expiresAt` leaves this module: the rest is secret. */
const joinSecret = json(
  z.object({ endpoint: text, token: text, caCertHash: text, expiresAt: z.iso.datetime({ offset: true }) }),
);

/** A token that expires sooner may be refused by the time the worker uses it. */
const minUsableMilliseconds = 60_000;

/**
 * Checks once whether workers can join; the state machine's Retry waits for the first credentials. Calls
 * secretsmanager:GetSecretValue, ec2:DescribeInstances.
 * @throws JoinCredentialsMissingError, JoinCredentialsExpiredError, ControlPlaneAmbiguousError
 */
export const handler = task(z.strictObject({}), async (_input, { signal }): Promise<{ expiresAt: string }> => {
  const secret = environment.JOIN_SECRET_ID;
  const [value, controlPlane] = await Promise.all([
    readSecret(secret, signal),
    findControlPlane(ec2, environment.CLUSTER_NAME, signal),
  ]);
  if (value === undefined) {
    throw new JoinCredentialsMissingError(`the secret ${secret} has no value yet: issue-join-credentials stores it`);
  }
  const credentials = joinSecret.safeParse(value);
  if (!credentials.success) {
    throw new JoinCredentialsMissingError(
      `the secret ${secret} does not hold {endpoint, token, caCertHash, expiresAt}`,
    );
  }
  const { expiresAt, endpoint } = credentials.data;
  if (Date.parse(expiresAt) < Date.now() + minUsableMilliseconds) {
    throw new JoinCredentialsExpiredError(`the token in the secret ${secret} expires at ${expiresAt}`);
  }
  if (controlPlane !== undefined && endpoint !== endpointOf(controlPlane)) {
    const message = `the secret ${secret} leads to ${endpoint}, the control plane is at ${endpointOf(controlPlane)}`;
    throw new JoinCredentialsExpiredError(message);
  }
  return { expiresAt };
});
