import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { selfSigned } from '#support/workloads/self-signed.ts';
import { assertCertificateFits, readTelegramSecret } from '#workloads/polybot/src/telegram-secret.ts';

let aws: FakeAws;
beforeEach(async () => {
  aws = await FakeAws.start();
});
afterEach(() => aws[Symbol.asyncDispose]());

const read = (value: string | undefined) => {
  if (value !== undefined) aws.secrets.set('stepkube/telegram', value);
  return readTelegramSecret(
    new SecretsManagerClient(aws.clientConfig),
    'stepkube/telegram',
    new AbortController().signal,
  );
};

describe('readTelegramSecret', () => {
  it('readTelegramSecret returns token and webhook secret', async () => {
    const secret = { token: '123456:abc', webhookSecret: 'a-b_C1' };
    expect(await read(JSON.stringify(secret))).toEqual(secret);
  });

  it('readTelegramSecret derives the webhook secret from the token when none is stored', async () => {
    const { webhookSecret } = await read(JSON.stringify({ token: '123456:abc' }));
    expect(webhookSecret).toMatch(/^[0-9a-f]{64}$/);
    expect(await read(JSON.stringify({ token: '123456:abc' }))).toMatchObject({ webhookSecret });
    expect((await read(JSON.stringify({ token: '123456:abd' }))).webhookSecret).not.toBe(webhookSecret);
  });

  it('readTelegramSecret tells how to create a token when the secret has no value yet', async () => {
    await expect(read(undefined)).rejects.toThrow(
      'secret stepkube/telegram has no value yet: create a bot with @BotFather',
    );
  });

  it('readTelegramSecret returns a self-signed certificate', async () => {
    const { pem } = await selfSigned({ name: 'bot.example.com' });
    const secret = { token: '123456:abc', webhookSecret: 'a', certificate: pem };
    expect(await read(JSON.stringify(secret))).toEqual(secret);
  });

  it.each([
    [
      'an additional private key',
      (pem: string) => `${pem}\n-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----`,
    ],
    ['invalid content', () => '-----BEGIN CERTIFICATE-----\nplanted\n-----END CERTIFICATE-----'],
  ])('readTelegramSecret refuses a certificate with %s and does not quote it', async (_name, change) => {
    const { pem } = await selfSigned({ name: 'bot.example.com' });
    const reading = read(JSON.stringify({ token: '123456:abc', webhookSecret: 'a', certificate: change(pem) }));
    await expect(reading).rejects.toThrow(/wrong: certificate$/);
    await expect(reading).rejects.not.toThrow(/planted/);
  });

  it('readTelegramSecret tells how to create a token when it is empty', async () => {
    const reading = read(JSON.stringify({ token: '', webhookSecret: 'x' }));
    await expect(reading).rejects.toThrow(
      'secret stepkube/telegram has an empty "token": create a bot with @BotFather',
    );
  });

  it('readTelegramSecret names wrong fields without quoting their values', async () => {
    const reading = read(JSON.stringify({ token: 'planted-token', webhookSecret: 'planted secret' }));
    await expect(reading).rejects.toThrow(/wrong: webhookSecret$/);
    await expect(reading).rejects.not.toThrow(/planted/);
    await expect(read('planted')).rejects.toThrow(/wrong: the whole value$/);
  });
});

describe('assertCertificateFits', () => {
  it('assertCertificateFits accepts a certificate of the host', async () => {
    const { pem } = await selfSigned({ name: 'bot.example.com' });
    expect(() => assertCertificateFits(pem, 'bot.example.com')).not.toThrow();
  });

  it('assertCertificateFits refuses certificates of another host and expired ones', async () => {
    const other = await selfSigned({ name: 'other.example.com' });
    expect(() => assertCertificateFits(other.pem, 'bot.example.com')).toThrow(/is not for bot\.example\.com/);
    const old = await selfSigned({ name: 'bot.example.com', notAfter: new Date('2026-11-01T00:00:00.000Z') });
    expect(() => assertCertificateFits(old.pem, 'bot.example.com')).toThrow(/expired on 2026-11-01T00:00:00\.000Z/);
  });
});
