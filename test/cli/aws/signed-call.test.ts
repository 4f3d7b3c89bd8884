import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { explainAwsError } from '#cli/aws/explain-error.ts';
import { signedCall } from '#cli/aws/signed-call.ts';
import { publicAccessBlock } from '#support/account-answers.ts';
import { FakeAccount } from '#support/fake-account.ts';

const action = 's3:GetAccountPublicAccessBlock';
const request = {
  service: 's3',
  region: 'eu-west-1',
  host: '123456789012.s3-control.eu-west-1.amazonaws.com',
  path: '/v20180820/configuration/publicAccessBlock',
  headers: { 'x-amz-account-id': '123456789012' },
};
const { signal } = new AbortController();

let account: FakeAccount;
let client: STSClient;
beforeAll(async () => {
  account = await FakeAccount.start();
  account.allow({ Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
});
afterAll(() => account[Symbol.asyncDispose]());
beforeEach(() => {
  for (const [name, value] of Object.entries(account.environment)) vi.stubEnv(name, value);
  client = new STSClient({ region: 'us-east-1' });
  account.calls.length = 0;
});
afterEach(() => vi.unstubAllEnvs());

const call = () => signedCall(client, request, signal);

describe('signedCall', () => {
  it('signedCall signs for the service and region of the request and returns the answer', async () => {
    account.answers.set(action, publicAccessBlock({ BlockPublicPolicy: true }));
    expect(await call()).toContain('<BlockPublicPolicy>true</BlockPublicPolicy>');
    expect(account.calls).toEqual([`${action} in eu-west-1`]);
  });

  it('signedCall repeats what AWS fails at, twice, and nothing that it refuses', async () => {
    account.answers.set(action, { error: 'InternalError', status: 500 });
    await expect(call()).rejects.toMatchObject({ name: 'InternalError', message: 'InternalError of the test' });
    expect(account.calls).toHaveLength(3);
    account.answers.set(action, { error: 'NoSuchPublicAccessBlockConfiguration', status: 404 });
    await expect(call()).rejects.toMatchObject({ name: 'NoSuchPublicAccessBlockConfiguration' });
    expect(account.calls).toHaveLength(4);
  });

  it('signedCall says which host cannot be reached', async () => {
    const gone = await FakeAccount.start();
    await gone[Symbol.asyncDispose]();
    for (const [name, value] of Object.entries(gone.environment)) vi.stubEnv(name, value);
    const error = await call().catch((reason: Error) => reason);
    expect(explainAwsError(error as Error)).toMatch(/^127\.0\.0\.1 cannot be reached \(ECONNREFUSED\)/);
  });

  it('signedCall stops when it is told to', async () => {
    const stopped = AbortSignal.abort(new Error('stopped by a person'));
    await expect(signedCall(client, request, stopped)).rejects.toThrow('stopped by a person');
  });
});
