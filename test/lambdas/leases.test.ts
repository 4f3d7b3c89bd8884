import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { answerAws, awsError, passThrough } from '#support/aws-answers.ts';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';
import { errorOf, lambdaContext, loadHandler } from '#support/invoke-lambda.ts';

const table = 'stepkube-leases';
const executionOf = (machine: string, name: string) =>
  `arn:aws:states:us-east-1:123456789012:execution:stepkube-${machine}:${name}`;
const first = executionOf('provision-cluster', 'first');
const second = executionOf('provision-cluster', 'second');

/** Against the twin's DynamoDB. */
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud({
    resources: {
      Leases: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: table,
          AttributeDefinitions: [{ AttributeName: 'resource', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'resource', KeyType: 'HASH' }],
        },
      },
    },
  });
});
afterAll(() => cloud?.stop());
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** @param statuses of executions by ARN, as Step Functions tells them; one without a status does not exist (any more) */
async function call(
  name: 'take-lease' | 'release-lease',
  request: object,
  {
    statuses = {},
    timeoutSeconds = 7200,
  }: { statuses?: Readonly<Record<string, string>>; timeoutSeconds?: number } = {},
) {
  vi.restoreAllMocks(); // a test calls more than once
  answerAws({
    Put: passThrough,
    Get: passThrough,
    Delete: passThrough,
    DescribeExecution: ({ executionArn }: { executionArn: string }) => {
      const status = statuses[executionArn];
      if (status === undefined) throw awsError('ExecutionDoesNotExist');
      return { status };
    },
  });
  const { endpoint, credentials } = cloud.client();
  const handler = await loadHandler(name, {
    LEASES_TABLE: table,
    LEASE_TIMEOUT_SECONDS: String(timeoutSeconds),
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  });
  return handler(request, lambdaContext());
}
const take = (resource: string, owner: string, given: Parameters<typeof call>[2] = {}) =>
  call('take-lease', { resource, owner }, given);
const release = (resource: string, owner: string) => call('release-lease', { resource, owner });

describe('take-lease', () => {
  it('of two executions the second is refused with the name of the first, until the first releases the lease', async () => {
    const statuses = { [first]: 'RUNNING' };
    expect(await take('cluster', first)).toEqual({ resource: 'cluster' });
    const refused = await errorOf(take('cluster', second, { statuses }));
    expect(refused.name).toBe('LeaseHeldError');
    expect(refused.message).toMatch(
      /^cluster is being changed by the execution first of stepkube-provision-cluster since 2\d{3}-.*: wait for its end, or stop it$/,
    );
    expect(await release('cluster', first)).toEqual({ released: true });
    expect(await take('cluster', second)).toEqual({ resource: 'cluster' });
  });

  it('an owner that takes its lease again keeps it', async () => {
    await take('again', first);
    expect(await take('again', first)).toEqual({ resource: 'again' });
  });

  it.each(['ABORTED', 'TIMED_OUT', 'FAILED', 'SUCCEEDED', undefined])(
    'an execution that ended as %s without releasing its lease loses it at once',
    async (status) => {
      const resource = `ended-${status}`;
      await take(resource, first);
      expect(await take(resource, second, { statuses: status === undefined ? {} : { [first]: status } })).toEqual({
        resource,
      });
      expect(await release(resource, first)).toEqual({ released: false });
      expect(await release(resource, second)).toEqual({ released: true });
    },
  );

  it('a lease whose time is over is free, whatever its owner does', async () => {
    await take('over', first, { timeoutSeconds: 0.001 });
    await expect
      .poll(() => take('over', second, { statuses: { [first]: 'RUNNING' } }).catch(({ name }) => name), {
        timeout: 10_000,
      })
      .toEqual({ resource: 'over' });
  });

  it('of two executions that find a dead owner, one takes its lease', async () => {
    await take('dead', first);
    const third = executionOf('provision-cluster', 'third');
    const statuses = { [first]: 'ABORTED', [second]: 'RUNNING', [third]: 'RUNNING' };
    const outcomes = await Promise.allSettled([take('dead', second, { statuses }), take('dead', third, { statuses })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('leases of different things do not meet', async () => {
    await take('i-0123456789abcdef0', first);
    expect(await take('i-0123456789abcdef1', second)).toEqual({ resource: 'i-0123456789abcdef1' });
  });
});
