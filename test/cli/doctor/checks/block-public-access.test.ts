import { describe, expect, it } from 'vitest';
import { publicAccessBlock } from '#support/account-answers.ts';
import { said, useFakeAccount } from '#support/doctor.ts';

const { finding } = useFakeAccount();

describe('block-public-access', () => {
  const asked = (settings: Readonly<Record<string, boolean>>) =>
    finding('block-public-access', { 's3:GetAccountPublicAccessBlock': publicAccessBlock(settings) });

  it('doctor finds Block Public Access of the account, as far as it concerns bucket policies', async () => {
    const all = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true };
    expect(await asked(all)).toMatchObject(
      said(
        'problem',
        expect.stringContaining('(BlockPublicPolicy, RestrictPublicBuckets)'),
        expect.stringMatching(/^Switch these off for the account/),
      ),
    );
    expect(await asked({ ...all, BlockPublicPolicy: false, RestrictPublicBuckets: false })).toMatchObject(said('ok'));
  });
});
