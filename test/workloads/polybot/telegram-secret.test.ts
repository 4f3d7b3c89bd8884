import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readTelegramSecret } from '../../../workloads/polybot/src/telegram-secret.ts';
import { FakeAws } from '../../support/workloads/fake-aws.ts';

let aws: FakeAws;
beforeEach(async () => {
  aws = await FakeAws.start();
});
afterEach(() => aws[Symbol.asyncDispose]());

const read = (value: string) => {
  aws.secrets.set('stepkube/telegram', value);
  return readTelegramSecret(
    new SecretsManagerClient(aws.clientConfig),
    'stepkube/telegram',
    new AbortController().signal,
  );
};

describe('readTelegramSecret', () => {
  it('reads token and webhook secret', async () => {
    const secret = { token: '123456:abc', webhookSecret: 'a-b_C1' };
    expect(await read(JSON.stringify(secret))).toEqual(secret);
  });

  it('says what to do about an empty token', async () => {
    const reading = read(JSON.stringify({ token: '', webhookSecret: 'x' }));
    await expect(reading).rejects.toThrow(
      'secret stepkube/telegram has an empty "token": create a bot with @BotFather',
    );
  });

  it('names the wrong fields and never quotes the value', async () => {
    const reading = read(JSON.stringify({ token: 'planted-token', webhookSecret: 'planted secret' }));
    await expect(reading).rejects.toThrow(/wrong: webhookSecret$/);
    await expect(reading).rejects.not.toThrow(/planted/);
    await expect(read('planted')).rejects.toThrow(/wrong: the whole value$/);
  });
});
