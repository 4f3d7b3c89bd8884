import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import { acknowledge } from '../lib/nag.ts';
import { WorkQueue } from './work-queue.ts';

export interface ImageServiceProps {
  readonly config: ClusterConfig;
}

/** After this time without an answer the bot tells the sender that it takes longer. */
const reminderDelay = Duration.seconds(60);

/** What polybot and yolo5 share: the bucket of pictures and a queue in each direction; and polybot's own table and queues. */
export class ImageService extends Construct {
  /** Keys uploads/<jobId> and annotated/<jobId>.jpg. */
  readonly pictures: Bucket;
  readonly jobs: WorkQueue;
  readonly results: WorkQueue;
  /** A message for each picture that polybot has admitted and not yet downloaded. */
  readonly downloads: WorkQueue;
  /** A message for each job, delivered after a delay: by then the job should be answered. */
  readonly reminders: WorkQueue;
  /** What polybot has sent about each job, and how much each sender sent in a minute and a month; no names or user ids. */
  readonly notificationLog: Table;

  constructor(scope: Construct, id: string, { config }: ImageServiceProps) {
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
      removalPolicy: RemovalPolicy.RETAIN, // CloudFormation cannot delete a bucket with objects; these expire by themselves
    });
    acknowledge(this.pictures, {
      S1: 'Pictures are personal and expire within days; access logs would keep their keys for longer than the pictures.',
    });

    // A job is useless once its picture has expired.
    const retention = Duration.days(Math.min(config.retention.picturesDays, 14));
    const workQueue = (id: string, name: keyof typeof attempts, deliveryDelay?: Duration) =>
      new WorkQueue(this, id, {
        queueName: `${config.clusterName}-${name}`,
        retention,
        attempts: attempts[name],
        ...(deliveryDelay === undefined ? {} : { deliveryDelay }),
      });
    this.jobs = workQueue('Jobs', 'jobs');
    this.results = workQueue('Results', 'results');
    this.downloads = workQueue('Downloads', 'downloads');
    this.reminders = workQueue('Reminders', 'reminders', reminderDelay);

    this.notificationLog = new Table(this, 'NotificationLog', {
      tableName: `${config.clusterName}-polybot`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAtSeconds',
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(this.notificationLog, {
      DDB3: 'Its items live for days and only prevent duplicate messages of the bot: there is nothing to restore.',
    });
  }
}
