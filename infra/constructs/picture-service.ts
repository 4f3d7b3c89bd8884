import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import { acknowledge } from './acknowledge.ts';
import { WorkQueue } from './work-queue.ts';

export interface PictureServiceProps {
  readonly config: ClusterConfig;
}

/** What polybot and yolo5 share: pictures for a short time, a queue in each direction. */
export class PictureService extends Construct {
  /** Keys uploads/<jobId> and annotated/<jobId>.jpg. */
  readonly pictures: Bucket;
  readonly jobs: Queue;
  readonly results: Queue;

  constructor(scope: Construct, id: string, { config }: PictureServiceProps) {
    super(scope, id);
    this.pictures = new Bucket(this, 'Pictures', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        {
          id: 'forget-pictures',
          expiration: Duration.days(config.retention.picturesDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: RemovalPolicy.RETAIN, // it empties itself; a bucket that holds objects would block the stack's deletion
    });
    acknowledge(this.pictures, {
      S1: 'Pictures are personal and expire within days; access logs would keep their keys for longer than the pictures.',
    });

    // A job must not outlive its picture.
    const retention = Duration.days(Math.min(config.retention.picturesDays, 14));
    const queueName = (name: string) => `${config.clusterName}-${name}`;
    this.jobs = new WorkQueue(this, 'Jobs', { queueName: queueName('jobs'), retention, attempts: 3 }).queue;
    // With the pauses between, ten attempts outlast twenty minutes without Telegram.
    this.results = new WorkQueue(this, 'Results', { queueName: queueName('results'), retention, attempts: 10 }).queue;
  }
}
