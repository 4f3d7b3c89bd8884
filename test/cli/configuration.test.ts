import { describe, expect, it } from 'vitest';
import { assertDeployable } from '#cli/configuration.ts';
import { parseConfig } from '#infra/config.ts';
import config from '../../cluster.config.ts';

describe('assertDeployable', () => {
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-0000-4000-8000-000000000000';
  const withBot = (bot: { domain: string; certificateArn?: string }) => parseConfig({ ...config, bot });

  it('refuses the placeholder domain', () => {
    expect(() => assertDeployable(withBot({ domain: 'bot.example.com', certificateArn }))).toThrow(
      'bot.domain: "bot.example.com" is a placeholder',
    );
  });

  it('refuses a bot that Telegram could not reach', () => {
    expect(() => assertDeployable(withBot({ domain: 'bot.stepkube.dev' }))).toThrow('bot.certificateArn: missing');
  });

  it('accepts a domain with its certificate', () => {
    expect(() => assertDeployable(withBot({ domain: 'bot.stepkube.dev', certificateArn }))).not.toThrow();
  });
});
