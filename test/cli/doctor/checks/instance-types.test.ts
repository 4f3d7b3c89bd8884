import { describe, expect, it } from 'vitest';
import { offerings } from '#support/account-answers.ts';
import { said, useFakeAccount } from '#support/doctor.ts';

const { finding } = useFakeAccount();

describe('instance-types', () => {
  const asked = (zones: readonly string[]) =>
    finding('instance-types', { 'ec2:DescribeInstanceTypeOfferings': offerings({ 't3.medium': zones }) });

  it("doctor finds a type that none of the network's two zones offers", async () => {
    expect(await asked(['us-east-1e'])).toMatchObject(
      said(
        'problem',
        't3.medium: not offered in us-east-1a or us-east-1b',
        'Choose another instanceType in cluster.config.ts, or another region.',
      ),
    );
  });

  it('doctor says which zone lacks a type that the other one has', async () => {
    expect(await asked(['us-east-1b'])).toMatchObject(
      said('ok', 't3.medium: offered in us-east-1a and us-east-1b, t3.medium not in us-east-1a'),
    );
  });
});
