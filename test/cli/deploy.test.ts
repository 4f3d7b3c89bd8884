import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import config from '#cluster.config.ts';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';
import { bareEnvironment, environmentOf, runStepkube, withConfig } from '#support/stepkube.ts';

const deployable = {
  ...config,
  bot: {
    domain: 'bot.stepkube.dev',
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-0000-4000-8000-000000000000',
  },
};
const NODE_OPTIONS = withConfig(deployable);

/** An account that is not bootstrapped and in which the stack is not deployed. */
let account: TestCloud;
let folder: string;
beforeAll(async () => {
  account = await startTestCloud({ resources: {} });
  folder = await mkdtemp(join(tmpdir(), 'stepkube-test-deploy-'));
});
afterAll(async () => {
  await account.stop();
  await rm(folder, { recursive: true });
});

describe('./stepkube deploy', () => {
  it("./stepkube deploy refuses the shipped configuration's placeholder domain and says what to do", async () => {
    const { exitCode, stdout, stderr } = await runStepkube(['deploy', '--yes', '--profile', 'me']);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^✖ bot\.domain: "bot\.example\.com" is a placeholder; set .* npm start\n$/);
  });

  it('./stepkube deploy without credentials shows the resources and why they are not compared', async () => {
    const env = { ...bareEnvironment, NODE_OPTIONS };
    const { exitCode, stdout } = await runStepkube(['deploy', '--folder', folder], { env });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Stack stepkube in us-east-1: \d+ resources\n/);
    expect(stdout).toMatch(/\nNot compared with what is deployed\. AWS credentials: .*--profile\n/);
    expect(stdout).toMatch(/\nNothing was changed\. To deploy it: \.\/stepkube deploy --yes --folder \S+\n$/);
  });

  it('./stepkube deploy with credentials shows the difference to the account and changes nothing', async () => {
    const { cloud } = account;
    const env = { ...environmentOf(cloud), NODE_OPTIONS };
    const { exitCode, stdout, output } = await runStepkube(['deploy', '--folder', folder], { env });
    expect(exitCode, output).toBe(0);
    expect(stdout).toContain(`Stack stepkube in account ${cloud.accountId}, us-east-1, as arn:aws:iam::`);
    expect(output).toContain('[+] AWS::StepFunctions::StateMachine');
    expect(stdout).toMatch(/\nNothing was changed\. To deploy it: \.\/stepkube deploy --yes --folder \S+\n$/);
  });

  it('./stepkube deploy --yes deploys with the CDK, whose failure it ends with: exit code 1 and the next step', async () => {
    const env = { ...environmentOf(account.cloud), NODE_OPTIONS };
    const { exitCode, output, stderr } = await runStepkube(['deploy', '--yes', '--folder', folder], { env });
    expect(exitCode).toBe(1);
    expect(output).toContain('stepkube: start: Building');
    expect(stderr).toMatch(
      /^✖ cdk deploy ended with exit code 1\nIts last lines above say why\. Mend that and run the same command again\.\n$/m,
    );
  });
});
