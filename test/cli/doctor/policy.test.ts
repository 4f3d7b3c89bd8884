import { describe, expect, it } from 'vitest';
import { doctorPolicy } from '#cli/doctor/policy.ts';
import { certificateArn, defaultKey, keyArn } from '#support/account-answers.ts';
import { type Answers, botToken, deployable, telegramSecret, useFakeAccount } from '#support/doctor.ts';

const doctor = useFakeAccount();
const { examine } = doctor;

describe('permissions of doctor', () => {
  /** Answers with which the checks call everything that they ever call. */
  const everything: Answers = {
    ...telegramSecret({ token: botToken }),
    'ec2:GetEbsDefaultKmsKeyId': defaultKey(keyArn),
    'kms:DescribeKey': { KeyMetadata: { Arn: keyArn, KeyManager: 'CUSTOMER', KeyState: 'Enabled' } },
    'kms:GetKeyPolicy': { Policy: JSON.stringify({ Statement: [] }) },
    'kms:ListGrants': { Grants: [] },
    'freetier:GetAccountPlanState': { accountPlanType: 'FREE' },
    'servicequotas:GetServiceQuota': { error: 'NoSuchResourceException' },
    'servicequotas:GetAWSDefaultServiceQuota': { Quota: { Value: 32 } },
  };
  const actions = doctorPolicy(deployable).Statement.flatMap(({ Action }) => Action);

  it('the printed policy has exactly the actions that are called', async () => {
    const { findings } = await examine(everything);
    expect(findings.filter(({ outcome }) => outcome === 'unknown')).toEqual([]);
    const called = new Set(doctor.account.calls.map((call) => call.split(' ')[0]!));
    called.delete('sts:GetCallerIdentity'); // nobody needs a permission for it
    expect([...called].sort()).toEqual([...actions].sort());
  });

  it('the printed policy names the resources of what it reads: one parameter, one certificate, one secret', async () => {
    const { Statement } = doctorPolicy(deployable);
    const resources = Statement.flatMap(({ Resource }) => Resource);
    expect(resources).toEqual([
      '*',
      'arn:aws:kms:us-east-1:*:key/*',
      'arn:aws:ssm:us-east-1:*:parameter/cdk-bootstrap/hnb659fds/version',
      certificateArn,
      'arn:aws:secretsmanager:us-east-1:*:secret:stepkube/telegram*',
    ]);
    const { Statement: inChina } = doctorPolicy({ ...deployable, region: 'cn-north-1' });
    expect(JSON.stringify(inChina)).toContain('arn:aws-cn:ssm:cn-north-1:');
  });

  it.each(actions)('doctor without %s says that it could not tell, and names the permission', async (action) => {
    const { Statement } = doctorPolicy(deployable);
    const without = Statement.map((one) => ({ ...one, Action: one.Action.filter((name) => name !== action) }));
    const { findings } = await examine(everything, deployable, { Statement: without });
    const unknown = findings.filter(({ outcome }) => outcome === 'unknown');
    expect(unknown.length).toBeGreaterThan(0);
    for (const { message, nextStep } of unknown) {
      expect(message).toBe(`could not tell, the permission ${action} is missing`);
      expect(nextStep).toContain('--print-policy');
    }
  });
});
