import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { ClusterConfig } from '../config.ts';
import { WorkQueue } from './work-queue.ts';

export interface EventConsumerProps {
  readonly config: ClusterConfig;
  /** The service; the queue and the table are `<cluster>-<name>`. */
  readonly name: string;
}

/** SQS's own limit. */
const maxQueueDays = 14;
/** Short, because data of a user who asked to be forgotten stays in the backups for so long. */
const maxBackupDays = 7;

/** A service that consumes events: its queue, and its table of events and their projections. */
export class EventConsumer extends Construct {
  readonly events: WorkQueue;
  readonly table: Table;

  constructor(scope: Construct, id: string, { config, name }: EventConsumerProps) {
    super(scope, id);
    const { eventsDays } = config.retention;
    this.events = new WorkQueue(this, 'Queue', {
      queueName: `${config.clusterName}-${name}`,
      retention: Duration.days(Math.min(eventsDays, maxQueueDays)),
      attempts: attempts.events,
    });
    this.table = new Table(this, 'Table', {
      tableName: `${config.clusterName}-${name}`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expiresAtSeconds',
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        recoveryPeriodInDays: Math.min(eventsDays, maxBackupDays),
      },
      removalPolicy: RemovalPolicy.DESTROY, // personal data must not outlive the service it was collected for
    });
  }
}
