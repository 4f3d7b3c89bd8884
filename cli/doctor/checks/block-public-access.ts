import { type Check, ok, onEverything, problem } from '../check.ts';
import { hostOf } from '../scope.ts';

/** IAM reads the cluster's two issuer documents, which are public, from a bucket. */
export const blockPublicAccess: Check = {
  name: 'block-public-access',
  permissions: () => onEverything('s3:GetAccountPublicAccessBlock'),
  async examine({ config: { region, issuer }, accountId, ask, call }) {
    if (issuer === 'cloudFront') return ok('no bucket is public: the issuer is published by CloudFront');
    const request = {
      service: 's3',
      region,
      host: hostOf(`${accountId}.s3-control`, region),
      path: '/v20180820/configuration/publicAccessBlock',
      headers: { 'x-amz-account-id': accountId },
    };
    const settings = await ask('s3:GetAccountPublicAccessBlock', () => call(request)).catch((error: Error) => {
      if (error.name === 'NoSuchPublicAccessBlockConfiguration') return '';
      throw error;
    });
    // The two that concern bucket policies; the issuer's bucket uses no ACLs.
    const blocking = ['BlockPublicPolicy', 'RestrictPublicBuckets'].filter((name) =>
      new RegExp(`<${name}>true</${name}>`, 'i').test(settings),
    );
    if (blocking.length === 0) return ok('buckets of the account may be public');
    return problem(
      `S3 Block Public Access of the account is on (${blocking.join(', ')}), so that the issuer's bucket cannot be public`,
      "Switch these off for the account (S3 console, Block Public Access settings for this account), or set issuer: 'cloudFront' in cluster.config.ts.",
    );
  },
};
