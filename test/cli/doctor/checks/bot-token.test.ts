import { describe, expect, it } from 'vitest';
import { botToken, said, telegramSecret, useFakeAccount } from '#support/doctor.ts';

const { examine, finding } = useFakeAccount();

describe('bot-token', () => {
  it('doctor waits for the deployment before it asks for the token, and accepts one in its form', async () => {
    expect(await finding('bot-token', {})).toMatchObject(said('ok', expect.stringContaining('does not exist yet')));
    expect(await finding('bot-token', telegramSecret({ token: botToken, webhookSecret: 'x' }))).toMatchObject(
      said('ok', 'the secret stepkube/telegram holds a token'),
    );
  });

  it('doctor finds a secret without a token, with something else, or one that waits for its deletion; it prints no value', async () => {
    expect(await finding('bot-token', telegramSecret({ token: '', webhookSecret: 'x' }))).toMatchObject(
      said('problem', 'the secret stepkube/telegram holds no token yet', expect.stringContaining('README.md')),
    );
    const { findings } = await examine(telegramSecret({ token: 'my-password' }));
    expect(findings.at(-1)).toMatchObject({
      outcome: 'problem',
      message: expect.stringContaining('no token of a bot'),
    });
    expect(JSON.stringify(findings)).not.toContain('my-password');
    const deleted = { 'secretsmanager:DescribeSecret': { Name: 'stepkube/telegram', DeletedDate: 1_790_000_000 } };
    expect(await finding('bot-token', deleted)).toMatchObject(
      said('problem', expect.stringContaining('waits for its deletion')),
    );
  });
});
