import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  PriceClass,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import { acknowledge } from '../lib/nag.ts';

/** IAM reads these to verify a service account's token; init-control-plane publishes them. */
const documentKeys = ['.well-known/openid-configuration', 'openid/v1/jwks'];

export interface IssuerBucketProps {
  readonly issuer: ClusterConfig['issuer'];
}

/**
 * Publishes the API server's service-account issuer: exactly two objects are public, from the bucket itself, or by CloudFront from a
 * private bucket for accounts that may not switch Block Public Access off (docs/decisions/0033).
 */
export class IssuerBucket extends Construct {
  readonly bucket: Bucket;
  /** Host of the issuer URL; also the prefix of IAM's condition keys. */
  readonly host: string;
  readonly url: string;
  readonly documentArns: string[];

  constructor(scope: Construct, id: string, { issuer }: IssuerBucketProps) {
    super(scope, id);
    const isPublic = issuer === 'publicBucket';
    this.bucket = new Bucket(this, 'Resource', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // ACLs stay blocked; the policy of a public bucket may be public.
      blockPublicAccess: new BlockPublicAccess({
        blockPublicAcls: true,
        ignorePublicAcls: true,
        blockPublicPolicy: !isPublic,
        restrictPublicBuckets: !isPublic,
      }),
      removalPolicy: RemovalPolicy.RETAIN, // a bucket that holds objects would block the stack's deletion
    });
    this.documentArns = documentKeys.map((key) => this.bucket.arnForObjects(key));
    this.host = isPublic ? this.#openBucket() : this.#distribute();
    this.url = `https://${this.host}`;
    acknowledge(this, { S1: 'Holds two public documents and no secret; a log of who read them would say nothing.' });
  }

  #openBucket(): string {
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PublicIssuerDocuments',
        principals: [new AnyPrincipal()],
        actions: ['s3:GetObject'],
        resources: this.documentArns,
      }),
    );
    acknowledge(this, {
      S2: 'IAM reads the discovery document and the key set anonymously, so these two objects have to be public.',
    });
    return `${this.bucket.bucketName}.s3.${Stack.of(this).region}.amazonaws.com`;
  }

  #distribute(): string {
    const distribution = new Distribution(this, 'Distribution', {
      comment: 'Service-account issuer: discovery document and keys',
      defaultBehavior: {
        // The cast: exactOptionalPropertyTypes is stricter than CDK's own types.
        origin: S3BucketOrigin.withOriginAccessControl(this.bucket as IBucket),
        viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        // IAM asks rarely, and a key that has changed must be seen at once.
        cachePolicy: CachePolicy.CACHING_DISABLED,
      },
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      priceClass: PriceClass.PRICE_CLASS_100,
    });
    acknowledge(distribution, {
      CFR1: 'IAM reads from wherever the region is; there is nothing to hide from a country.',
      CFR2: 'Two static public documents: there is no application behind it that a firewall could protect.',
      CFR3: 'Two public documents and no secret; a log of who read them would say nothing.',
      CFR4: 'A certificate of its own needs a domain; with the default one, CloudFront chooses the protocols of its viewers.',
    });
    return distribution.distributionDomainName;
  }
}
