import { describe, expect, it } from 'vitest';
import { defaultKey, keyArn } from '#support/account-answers.ts';
import { said, useFakeAccount } from '#support/doctor.ts';

const { finding } = useFakeAccount();

describe('ebs-key', () => {
  const serviceLinkedRole =
    'arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
  const owner = {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::123456789012:root' },
    Action: 'kms:*',
    Resource: '*',
  };
  const use = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'];
  const grants = [
    'CreateGrant',
    'Decrypt',
    'DescribeKey',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
  ];
  const everyCaller = {
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: [...use, 'kms:CreateGrant'],
    Resource: '*',
    Condition: {
      StringEquals: { 'kms:CallerAccount': '123456789012', 'kms:ViaService': 'ec2.us-east-1.amazonaws.com' },
    },
  };
  const key = (
    statements: readonly object[],
    { state = 'Enabled', manager = 'CUSTOMER', granted = [] as string[] } = {},
  ) => ({
    'ec2:GetEbsDefaultKmsKeyId': defaultKey(keyArn),
    'kms:DescribeKey': { KeyMetadata: { Arn: keyArn, KeyManager: manager, KeyState: state } },
    'kms:GetKeyPolicy': { Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }) },
    'kms:ListGrants': { Grants: granted.length === 0 ? [] : [{ Operations: granted }] },
  });

  it("doctor finds a default key of the account's own that lets in nobody who launches instances", async () => {
    const { outcome, message, nextStep } = await finding('ebs-key', key([owner]));
    expect(outcome).toBe('problem');
    expect(message).toMatch(
      /key\/\S+, does not let in Auto Scaling's service-linked role \(CreateGrant, .*\) and the function that launches the control plane \(CreateGrant, /,
    );
    expect(nextStep).toContain('kms:CallerAccount 123456789012 and kms:ViaService ec2.us-east-1.amazonaws.com');
  });

  it('doctor accepts a key that every caller of the account may use through EC2, as the key of AWS', async () => {
    expect(await finding('ebs-key', key([owner, everyCaller]))).toMatchObject(said('ok'));
    expect(await finding('ebs-key', key([], { manager: 'AWS' }))).toMatchObject(said('ok'));
    const ofAnother = { ...everyCaller, Condition: { StringEquals: { 'kms:CallerAccount': '999999999999' } } };
    expect(await finding('ebs-key', key([owner, ofAnother]))).toMatchObject(said('problem'));
    const fromVpc = { ...everyCaller, Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } };
    expect(await finding('ebs-key', key([owner, fromVpc]))).toMatchObject(said('problem'));
    const deny = { Effect: 'Deny', Principal: '*', Action: 'kms:CreateGrant', Resource: '*' };
    expect(await finding('ebs-key', key([owner, everyCaller, deny]))).toMatchObject(said('problem'));
  });

  it('doctor knows that Auto Scaling may be let in by the policy or by a grant, the control plane by the policy only', async () => {
    const only = /does not let in the function that launches the control plane \(/;
    const byPolicy = [
      { Effect: 'Allow', Principal: { AWS: [serviceLinkedRole] }, Action: use, Resource: '*' },
      {
        Effect: 'Allow',
        Principal: { AWS: serviceLinkedRole },
        Action: ['kms:CreateGrant'],
        Resource: '*',
        Condition: { Bool: { 'kms:GrantIsForAWSResource': true } },
      },
    ];
    expect(await finding('ebs-key', key([owner, ...byPolicy]))).toMatchObject(
      said('problem', expect.stringMatching(only)),
    );
    expect(await finding('ebs-key', key([owner], { granted: grants }))).toMatchObject(
      said('problem', expect.stringMatching(only)),
    );
  });

  it('doctor finds a default key that is disabled or waits for its deletion', async () => {
    expect(await finding('ebs-key', key([everyCaller], { state: 'PendingDeletion' }))).toMatchObject(
      said('problem', `the default key for volumes, ${keyArn}, is PendingDeletion`),
    );
  });
});
