import { describe, expect, it, vi } from 'vitest';
import { parseConfig } from '#infra/config.ts';
import { regions } from '#support/account-answers.ts';
import { deployable, useFakeAccount } from '#support/doctor.ts';

const doctor = useFakeAccount();
const { examine } = doctor;

describe('doctor', () => {
  it('doctor finds nothing in a ready account, with signed calls that the printed policy allows', async () => {
    const { outcome, accountId, findings } = await examine();
    expect(findings.filter((entry) => entry.outcome !== 'ok')).toEqual([]);
    expect([outcome, accountId]).toEqual(['ok', '123456789012']);
    expect(findings.map(({ check }) => check)).toEqual([
      'credentials',
      'region',
      'instance-types',
      'free-plan',
      'vcpu-quota',
      'ebs-key',
      'block-public-access',
      'cdk-bootstrap',
      'certificate',
      'bot-token',
    ]);
    expect(findings[0]?.message).toBe('account 123456789012, as arn:aws:iam::123456789012:user/me');
  });

  it('doctor asks about regions and the plan where every account can, about the rest in the region of the cluster', async () => {
    const bot = {
      ...deployable.bot,
      certificateArn: deployable.bot.certificateArn?.replace('us-east-1', 'eu-central-1'),
    };
    const inFrankfurt = parseConfig({ ...deployable, bot, region: 'eu-central-1' });
    await examine({}, inFrankfurt);
    const elsewhere = doctor.account.calls.filter((call) => !call.endsWith(' in eu-central-1')).sort();
    expect(elsewhere).toEqual([
      'ec2:DescribeRegions in us-east-1',
      'freetier:GetAccountPlanState in us-east-1',
      'sts:GetCallerIdentity in us-east-1',
    ]);
  });

  it('doctor asks nothing else of an account whose credentials AWS does not accept', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'another');
    const { outcome, findings } = await examine();
    expect([outcome, findings.length]).toEqual(['problem', 1]);
    expect(findings[0]).toMatchObject({
      check: 'credentials',
      outcome: 'problem',
      message: expect.stringContaining('AWS does not accept the credentials (SignatureDoesNotMatch'),
    });
    expect(doctor.account.calls).toEqual(['sts:GetCallerIdentity in us-east-1']);
  });

  it('doctor cannot tell when AWS fails or answers in another form, says which, and goes on', async () => {
    const { outcome, findings } = await examine({
      'ssm:GetParameter': { error: 'InternalServerError' },
      'servicequotas:GetServiceQuota': { Quota: {} },
    });
    expect(outcome).toBe('unknown');
    expect(findings.filter((entry) => entry.outcome === 'unknown')).toMatchObject([
      { check: 'vcpu-quota', message: 'could not tell: AWS answered in a form that is not known here' },
      { check: 'cdk-bootstrap', message: expect.stringMatching(/^could not tell: AWS: InternalServerError/) },
    ]);
  });

  it('doctor asks nothing else of a region that is not enabled: AWS would not accept the credentials there', async () => {
    const { outcome, findings } = await examine({ 'ec2:DescribeRegions': regions('not-opted-in', 'us-east-1') });
    expect([outcome, ...findings.map(({ check }) => check)]).toEqual(['problem', 'credentials', 'region']);
    expect(doctor.account.calls).toHaveLength(2);
  });
});
