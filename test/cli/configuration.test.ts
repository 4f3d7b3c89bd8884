import { describe, expect, it } from 'vitest';
import { assertDeployable } from '#cli/configuration.ts';
import config from '#cluster.config.ts';
import { parseConfig } from '#infra/config.ts';
import { bareEnvironment, runStepkube, withConfig } from '#support/stepkube.ts';

describe('assertDeployable', () => {
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-0000-4000-8000-000000000000';
  const withBot = (bot: { domain: string; certificateArn?: string }) => parseConfig({ ...config, bot });

  it('assertDeployable refuses the placeholder domain', () => {
    expect(() => assertDeployable(withBot({ domain: 'bot.example.com', certificateArn }))).toThrow(
      'bot.domain: "bot.example.com" is a placeholder',
    );
  });

  it('assertDeployable refuses a bot without a certificate, which Telegram could not reach', () => {
    expect(() => assertDeployable(withBot({ domain: 'bot.stepkube.dev' }))).toThrow('bot.certificateArn: missing');
  });

  it('assertDeployable accepts a domain with its certificate', () => {
    expect(() => assertDeployable(withBot({ domain: 'bot.stepkube.dev', certificateArn }))).not.toThrow();
  });
});

describe('cluster.config.ts', () => {
  it.each(['synth', 'deploy', 'provision', 'start'])(
    './stepkube %s refuses a wrong value in cluster.config.ts by field, value and what is allowed, with exit code 2',
    async (verb) => {
      const wrong = { ...config, workers: { ...config.workers, max: 99 }, colour: 'blue' };
      const env = { ...bareEnvironment, NODE_OPTIONS: withConfig(wrong) };
      const { exitCode, stdout, stderr } = await runStepkube([verb], { env });
      expect(stderr).toBe(
        '✖ cluster.config.ts is not valid\n  workers.max: 99 must be 50 or less\n  colour: is not known\n',
      );
      expect(stdout).toBe('');
      expect(exitCode).toBe(2);
    },
  );
});
