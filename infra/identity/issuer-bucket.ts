import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../lib/nag.ts';

/** IAM reads these to verify a service account's token; init-control-plane publishes them. */
const documentKeys = ['.well-known/openid-configuration', 'openid/v1/jwks'];

/** Publishes the API server's service-account issuer: exactly two objects are public. */
export class IssuerBucket extends Construct {
  readonly bucket: Bucket;
  /** Host of the issuer URL; also the prefix of IAM's condition keys. */
  readonly host: string;
  readonly url: string;
  readonly documentArns: string[];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Resource', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      // ACLs stay blocked; the policy below may be public.
      blockPublicAccess: new BlockPublicAccess({
        blockPublicAcls: true,
        ignorePublicAcls: true,
        blockPublicPolicy: false,
        restrictPublicBuckets: false,
      }),
      removalPolicy: RemovalPolicy.RETAIN, // a bucket that holds objects would block the stack's deletion
    });
    this.host = `${this.bucket.bucketName}.s3.${Stack.of(this).region}.amazonaws.com`;
    this.url = `https://${this.host}`;
    this.documentArns = documentKeys.map((key) => this.bucket.arnForObjects(key));

    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PublicIssuerDocuments',
        principals: [new AnyPrincipal()],
        actions: ['s3:GetObject'],
        resources: this.documentArns,
      }),
    );
    acknowledge(this, {
      S1: 'Holds two public documents and no secret; a log of who read them would say nothing.',
      S2: 'IAM reads the discovery document and the key set anonymously, so these two objects have to be public.',
    });
  }
}
