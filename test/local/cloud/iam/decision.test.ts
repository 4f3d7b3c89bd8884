import { describe, expect, it } from 'vitest';
import { createCredentialStore } from '#local/cloud/iam/credentials.ts';
import { decide } from '#local/cloud/iam/decision.ts';
import { awsManagedPolicy } from '#local/cloud/iam/managed-policies.ts';
import { policyDocument } from '#local/cloud/iam/policy-document.ts';

function decision(statement: object, action: string, resource?: string, context: Record<string, string> = {}) {
  const statements = policyDocument.parse({ Statement: [statement] });
  return decide(statements, { action, context, ...(resource === undefined ? {} : { resource }) });
}

const allow = (Action: string | string[], Resource: string | string[], Condition: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

describe('IAM actions and resources', () => {
  it.each([
    ['s3:*', 'arn:aws:s3:::b/*', 's3:GetObject', 'arn:aws:s3:::b/a/1', 'allowed'],
    ['S3:getobject', 'arn:aws:s3:::b/*', 's3:GetObject', 'arn:aws:s3:::b/1', 'allowed'],
    ['s3:Get*', 'arn:aws:s3:::b/*', 's3:PutObject', 'arn:aws:s3:::b/1', 'not allowed'],
    ['s3:*', 'arn:aws:s3:::b/*', 's3:GetObject', 'arn:aws:s3:::B/1', 'not allowed'],
    ['s3:*', 'arn:aws:s3:::b.c', 's3:ListBucket', 'arn:aws:s3:::bxc', 'not allowed'],
    ['secretsmanager:GetSecretValue', 'arn:join-??????', 'secretsmanager:GetSecretValue', 'arn:join-AbCdEf', 'allowed'],
  ])('a policy that allows %s on %s: %s on %s is %s', (action, resource, asked, askedResource, expected) => {
    expect(decision(allow(action, resource), asked, askedResource)).toBe(expected);
  });

  it('NotAction and NotResource allow everything except what they name', () => {
    const statement = { Effect: 'Allow', NotAction: 'iam:*', NotResource: 'arn:secret' };

    expect(decision(statement, 'sqs:SendMessage', 'arn:queue')).toBe('allowed');
    expect(decision(statement, 'iam:PassRole', 'arn:queue')).toBe('not allowed');
    expect(decision(statement, 'sqs:SendMessage', 'arn:secret')).toBe('not allowed');
  });

  it('an action without resource-level permissions is allowed by its name alone', () => {
    expect(decision(allow('ec2:DescribeInstances', '*'), 'ec2:DescribeInstances')).toBe('allowed');
  });
});

describe('IAM conditions', () => {
  const context = { 'aws:SecureTransport': 'true', 'aws:PrincipalArn': 'arn:aws:iam::1:role/a' };

  it.each([
    [{ Bool: { 'aws:SecureTransport': true } }, 'allowed'],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, 'not allowed'],
    [{ ArnLike: { 'aws:principalarn': 'arn:aws:iam::*:role/a' } }, 'allowed'],
    [{ StringNotLike: { 'aws:PrincipalArn': ['*role/a', '*role/b'] } }, 'not allowed'],
    [{ StringEquals: { 'ec2:ResourceTag/owner': 'me' } }, 'allowed'],
    [{ NumericLessThan: { 's3:max-keys': '10' } }, 'allowed'],
  ])('a policy with the condition %j: the call is %s', (condition, expected) => {
    expect(decision(allow('*', '*', condition), 's3:GetObject', 'arn:x', context)).toBe(expected);
  });

  it('a Deny with a condition on an unknown key denies nothing', () => {
    const statements = policyDocument.parse({
      Statement: [
        allow('*', '*'),
        { Effect: 'Deny', Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } },
        { Effect: 'Deny', Action: '*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ],
    });

    expect(decide(statements, { action: 's3:GetObject', resource: 'arn:x', context })).toBe('allowed');
  });
});

describe('AWS managed policies', () => {
  it('an unknown AWS managed policy is refused by name, with the list of known ones', () => {
    expect(() => awsManagedPolicy('arn:aws:iam::aws:policy/AdministratorAccess')).toThrow(
      'managed policy arn:aws:iam::aws:policy/AdministratorAccess: the twin knows AmazonEC2ContainerRegistryPullOnly',
    );
  });
});

describe('credential store', () => {
  it('temporary credentials expire after their lifetime', () => {
    let now = 0;
    const store = createCredentialStore(() => now);
    const { accessKeyId, sessionToken } = store.issue({ kind: 'operator' }, 900);

    expect(store.find(accessKeyId, sessionToken)).toEqual({ kind: 'operator' });
    now = 900_000;
    expect(store.find(accessKeyId, sessionToken)).toBe('expired');
  });
});
