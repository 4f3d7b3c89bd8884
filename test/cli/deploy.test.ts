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

/** An account in which the stack is not deployed yet. */
let account: TestCloud;
beforeAll(async () => {
  account = await startTestCloud({ resources: {} });
});
afterAll(() => account.stop());

describe('./stepkube deploy', () => {
  it("./stepkube deploy refuses the shipped configuration's placeholder domain and says what to do", async () => {
    const { exitCode, stdout, stderr } = await runStepkube(['deploy', '--yes', '--profile', 'me']);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^✖ bot\.domain: "bot\.example\.com" is a placeholder; set .* npm start\n$/);
  });

  it('./stepkube deploy without credentials shows the resources and why they are not compared', async () => {
    const { exitCode, stdout } = await runStepkube(['deploy'], { env: { ...bareEnvironment, NODE_OPTIONS } });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Stack stepkube in us-east-1: \d+ resources\n/);
    expect(stdout).toMatch(/\nNot compared with what is deployed\. AWS credentials: .*--profile\n/);
    expect(stdout).toMatch(/\nNothing was changed\. To deploy it: \.\/stepkube deploy --yes\n$/);
  });

  it('./stepkube deploy with credentials shows the difference to the account and changes nothing', async () => {
    const { cloud } = account;
    const env = { ...environmentOf(cloud), NODE_OPTIONS };
    const { exitCode, stdout, stderr } = await runStepkube(['deploy'], { env });
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toContain(`Stack stepkube in account ${cloud.accountId}, us-east-1, as arn:aws:iam::`);
    expect(stdout + stderr).toContain('[+] AWS::StepFunctions::StateMachine');
    expect(stdout).toMatch(/\nNothing was changed\. To deploy it: \.\/stepkube deploy --yes\n$/);
  });
});
