import { describe, expect, it } from 'vitest';
import { instanceTypes } from '#support/account-answers.ts';
import { said, useFakeAccount } from '#support/doctor.ts';

const { finding } = useFakeAccount();

describe('free-plan', () => {
  const freePlan = { 'freetier:GetAccountPlanState': { accountPlanType: 'FREE' } };
  const types = (free: boolean) => ({
    'ec2:DescribeInstanceTypes': instanceTypes([{ name: 't3.medium', vcpus: 2, free }]),
  });

  it('doctor finds a type that the free plan does not launch', async () => {
    expect(await finding('free-plan', { ...freePlan, ...types(false) })).toMatchObject(
      said(
        'problem',
        'the account is on the free plan, which does not launch t3.medium',
        expect.stringMatching(/^Upgrade it to the paid plan .*free-tier-eligible/),
      ),
    );
    expect(await finding('free-plan', { ...freePlan, ...types(true) })).toMatchObject(
      said('ok', "the account's free plan launches t3.medium"),
    );
  });

  it('doctor takes an account without a plan, which is older than plans are, as a paid one', async () => {
    const answers = { 'freetier:GetAccountPlanState': { error: 'ResourceNotFoundException' } };
    expect(await finding('free-plan', answers)).toMatchObject(said('ok', 'the account may launch every instance type'));
  });
});
