import { describe, expect, it } from 'vitest';
import { regions } from '#support/account-answers.ts';
import { said, useFakeAccount } from '#support/doctor.ts';

const { finding } = useFakeAccount();

describe('region', () => {
  it('doctor finds a region that is not enabled, and one that does not exist', async () => {
    expect(await finding('region', { 'ec2:DescribeRegions': regions('not-opted-in', 'us-east-1') })).toMatchObject(
      said(
        'problem',
        'us-east-1 is not enabled',
        'Nothing else was asked. Enable it, and wait some minutes: aws account enable-region --region-name us-east-1',
      ),
    );
    expect(await finding('region', { 'ec2:DescribeRegions': regions('opted-in', 'xx-north-1') })).toMatchObject(
      said('problem', 'there is no region us-east-1'),
    );
    expect(await finding('region', { 'ec2:DescribeRegions': regions('opted-in', 'us-east-1') })).toMatchObject(
      said('ok'),
    );
  });
});
