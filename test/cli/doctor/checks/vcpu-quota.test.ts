import { describe, expect, it } from 'vitest';
import { parseConfig } from '#infra/config.ts';
import { instances } from '#support/account-answers.ts';
import { deployable, said, useFakeAccount } from '#support/doctor.ts';

const { finding } = useFakeAccount();

describe('vcpu-quota', () => {
  const quota = (Value: number) => ({ 'servicequotas:GetServiceQuota': { Quota: { Value } } });

  it("doctor finds a new account's quota too small for the shipped configuration", async () => {
    const { outcome, message, nextStep } = await finding('vcpu-quota', quota(5));
    expect([outcome, message]).toEqual(['problem', '6 vCPUs are needed, the quota leaves 5']);
    expect(nextStep).toMatch(
      /^Ask for 12, .*https:\/\/us-east-1\.console\.aws\.amazon\.com\/servicequotas\/\S+\/L-1216C47A$/,
    );
  });

  it('doctor says how many workers a quota allows that is enough to begin with', async () => {
    expect(await finding('vcpu-quota', quota(6))).toMatchObject(
      said('ok', '6 vCPUs are needed, the quota leaves 6; it ends at 2 workers, workers.max is 5'),
    );
    expect(await finding('vcpu-quota', quota(12))).toMatchObject(said('ok', '6 vCPUs are needed, the quota leaves 12'));
  });

  it('doctor takes off what other instances use: no spot instances, no other families, not the cluster itself', async () => {
    const running = instances([
      { type: 'm7i.xlarge', vcpus: 4 },
      { type: 'm7i.xlarge', vcpus: 4, spot: true },
      { type: 'g5.2xlarge', vcpus: 8 },
      { type: 'inf2.xlarge', vcpus: 4 },
      { type: 't3.medium', vcpus: 2, cluster: 'stepkube' },
    ]);
    expect(await finding('vcpu-quota', { ...quota(8), 'ec2:DescribeInstances': running })).toMatchObject(
      said('problem', '6 vCPUs are needed, the quota leaves 4 of 8', expect.stringContaining('Ask for 16')),
    );
  });

  it('doctor takes the default where a quota was never changed', async () => {
    const answers = {
      'servicequotas:GetServiceQuota': { error: 'NoSuchResourceException' },
      'servicequotas:GetAWSDefaultServiceQuota': { Quota: { Value: 5 } },
    };
    expect(await finding('vcpu-quota', answers)).toMatchObject(said('problem'));
  });

  it('doctor cannot tell for a family with a quota of its own', async () => {
    expect(
      await finding('vcpu-quota', {}, parseConfig({ ...deployable, controlPlane: { instanceType: 'x2iedn.xlarge' } })),
    ).toMatchObject(said('unknown', 'x2iedn.xlarge has a quota of its own'));
  });
});
