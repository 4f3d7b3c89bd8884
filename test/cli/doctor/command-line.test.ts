import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorPolicy } from '#cli/doctor/policy.ts';
import { readyAccount } from '#support/account-answers.ts';
import { deployable } from '#support/doctor.ts';
import { FakeAccount } from '#support/fake-account.ts';
import { bareEnvironment, runStepkube, withConfig } from '#support/stepkube.ts';

let account: FakeAccount;
beforeAll(async () => {
  account = await FakeAccount.start();
  account.allow(doctorPolicy(deployable));
});
afterAll(() => account[Symbol.asyncDispose]());

function doctor(answers: object, ...options: readonly string[]) {
  account.answers.clear();
  for (const [action, answer] of Object.entries({ ...readyAccount, ...answers })) account.answers.set(action, answer);
  const env = { ...bareEnvironment, ...account.environment, NODE_OPTIONS: withConfig(deployable) };
  return runStepkube(['doctor', ...options], { env });
}

describe('./stepkube doctor', () => {
  it('./stepkube doctor prints a line for each prerequisite and ends with exit code 0 in a ready account', async () => {
    const { exitCode, stdout, stderr } = await doctor({});
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('✔ '))).toHaveLength(10);
    expect(lines).toContain('✔ vcpu-quota           6 vCPUs are needed, the quota leaves 32');
    expect(stdout).toMatch(/\n\nThe account is ready: \.\/stepkube deploy\n$/);
  });

  it('./stepkube doctor ends with exit code 1 and the next step when there is a problem', async () => {
    const { exitCode, stdout } = await doctor({
      'servicequotas:GetServiceQuota': { Quota: { Value: 5 } },
      'ssm:GetParameter': { error: 'AccessDeniedException', status: 403 },
    });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/\n✖ vcpu-quota {11}6 vCPUs are needed, the quota leaves 5\n {23}Ask for 12, /);
    expect(stdout).toMatch(/\n\? cdk-bootstrap {8}could not tell, the permission ssm:GetParameter is missing\n/);
    expect(stdout).toMatch(/\n\n1 problem, 1 could not be told\n$/);
  });

  it('./stepkube doctor --output json prints the findings as one value', async () => {
    const { exitCode, stdout } = await doctor(
      { 'ssm:GetParameter': { error: 'InternalServerError' } },
      '--output',
      'json',
    );
    expect(exitCode).toBe(0); // what could not be asked is no problem yet
    const { outcome, region, findings } = JSON.parse(stdout);
    expect([outcome, region, findings.length]).toEqual(['unknown', 'us-east-1', 10]);
    expect(findings[0]).toEqual({
      check: 'credentials',
      outcome: 'ok',
      message: 'account 123456789012, as arn:aws:iam::123456789012:user/me',
    });
  });

  it('./stepkube doctor --print-policy prints the policy without an account', async () => {
    const env = { ...bareEnvironment, NODE_OPTIONS: withConfig(deployable) };
    const { exitCode, stdout } = await runStepkube(['doctor', '--print-policy'], { env });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(doctorPolicy(deployable));
  });

  it('./stepkube doctor without credentials says how to sign in', async () => {
    const env = { ...bareEnvironment, NODE_OPTIONS: withConfig(deployable) };
    const { exitCode, stdout } = await runStepkube(['doctor'], { env });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✖ credentials {2}AWS credentials: .*--profile\n/);
  });
});
