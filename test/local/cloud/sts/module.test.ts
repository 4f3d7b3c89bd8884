import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roleArn, roleResource, sessionCredentials, startTestCloud, type TestCloud } from '#support/cloud.ts';

const subject = 'system:serviceaccount:stepkube:polybot';
const audience = 'sts.amazonaws.com';
let test: TestCloud;
let sts: STSClient;
let issuer: string;
let privateKey: CryptoKey;

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Issuer: { Type: 'AWS::S3::Bucket' },
      IssuerPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: { Ref: 'Issuer' },
          PolicyDocument: {
            Statement: [
              { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: { 'Fn::Sub': '${Issuer.Arn}/*' } },
            ],
          },
        },
      },
      Provider: {
        Type: 'AWS::IAM::OIDCProvider',
        Properties: {
          Url: { 'Fn::Sub': 'https://${Issuer.RegionalDomainName}' },
          ClientIdList: [audience, 'another'],
        },
      },
      // The trust policy as text, since its condition keys hold the bucket's name.
      Polybot: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'polybot',
          AssumeRolePolicyDocument: {
            'Fn::Sub': JSON.stringify({
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { Federated: '${Provider}' },
                  Action: 'sts:AssumeRoleWithWebIdentity',
                  Condition: {
                    StringEquals: {
                      '${Issuer.RegionalDomainName}:sub': subject,
                      '${Issuer.RegionalDomainName}:aud': audience,
                    },
                  },
                },
              ],
            }),
          },
        },
      },
      Reader: roleResource('reader', []),
    },
    template: { Outputs: { Bucket: { Value: { Ref: 'Issuer' } } } },
  });
  const Bucket = test.cloud.outputs['Bucket']!;
  issuer = `https://${Bucket}.s3.us-east-1.amazonaws.com`;
  const keys = await generateKeyPair('RS256');
  privateKey = keys.privateKey;
  const s3 = new S3Client(test.client());
  const publish = (Key: string, document: object) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(document) }));
  await publish('.well-known/openid-configuration', { issuer, jwks_uri: `${issuer}/openid/v1/jwks` });
  await publish('openid/v1/jwks', {
    keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }],
  });
  s3.destroy();
  sts = new STSClient(test.client());
});

afterAll(async () => {
  sts.destroy();
  await test.stop();
});

interface Claims {
  readonly sub?: string;
  readonly aud?: string;
  readonly iss?: string;
  readonly expiresAt?: number;
  readonly key?: CryptoKey;
}

function token(claims: Claims = {}): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setSubject(claims.sub ?? subject)
    .setAudience(claims.aud ?? audience)
    .setIssuer(claims.iss ?? issuer)
    .setIssuedAt()
    .setExpirationTime(claims.expiresAt ?? '1h')
    .sign(claims.key ?? privateKey);
}

const assume = async (WebIdentityToken: string, role = 'polybot') =>
  sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn(test.cloud, role),
      RoleSessionName: 'pod',
      WebIdentityToken,
    }),
  );

describe('AssumeRoleWithWebIdentity', () => {
  it('a service account gets its role for a token that the published keys verify', async () => {
    const { Credentials, SubjectFromWebIdentityToken } = await assume(await token());
    const asPod = new STSClient(test.client(sessionCredentials(Credentials)));

    expect(SubjectFromWebIdentityToken).toBe(subject);
    expect(Credentials!.Expiration!.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    expect(await asPod.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:assumed-role/polybot/pod',
    });
  });

  it('AssumeRoleWithWebIdentity refuses another service account, audience or role', async () => {
    const denied = { name: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' };

    await expect(assume(await token({ sub: 'system:serviceaccount:stepkube:yolo5' }))).rejects.toMatchObject(denied);
    await expect(assume(await token({ aud: 'another' }))).rejects.toMatchObject(denied);
    await expect(assume(await token(), 'reader')).rejects.toMatchObject(denied);
    await expect(assume(await token(), 'missing')).rejects.toMatchObject(denied);
  });

  it('AssumeRoleWithWebIdentity refuses expired tokens, other signers, issuers and audiences, and malformed tokens', async () => {
    const other = await generateKeyPair('RS256');
    const invalid = (message: RegExp) => ({
      name: 'InvalidIdentityTokenException',
      message: expect.stringMatching(message),
    });

    await expect(assume(await token({ expiresAt: 1000 }))).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    await expect(assume(await token({ key: other.privateKey }))).rejects.toMatchObject(
      invalid(/could not be verified/),
    );
    await expect(assume(await token({ iss: 'https://elsewhere' }))).rejects.toMatchObject(
      invalid(/https:\/\/elsewhere/),
    );
    await expect(assume(await token({ aud: 'unknown' }))).rejects.toMatchObject(invalid(/Incorrect token audience/));
    await expect(assume('not.a.token')).rejects.toMatchObject(invalid(/not a valid JWT/));
  });
});

describe('AssumeRole', () => {
  it('AssumeRole succeeds only for a role whose trust policy names the account', async () => {
    const command = (role: string) =>
      new AssumeRoleCommand({ RoleArn: roleArn(test.cloud, role), RoleSessionName: 'me' });

    expect((await sts.send(command('reader'))).AssumedRoleUser?.Arn).toBe(
      'arn:aws:sts::111122223333:assumed-role/reader/me',
    );
    await expect(sts.send(command('polybot'))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
