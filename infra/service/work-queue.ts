import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface WorkQueueProps {
  readonly queueName: string;
  readonly retention: Duration;
  /** How often its consumer tries a message before it moves it to the dead letters itself, with the reason. */
  readonly attempts: number;
  /** @default none */
  readonly deliveryDelay?: Duration;
}

/** For messages whose consumer can do no more: SQS moves them after so many receives beyond the attempts. */
const spareReceives = 5;

/** An encrypted queue with its dead letters beside it, under `<queueName>-dead-letters`. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { queueName, retention, attempts, deliveryDelay }: WorkQueueProps) {
    super(scope, id);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: `${queueName}-dead-letters`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Resource', {
      queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: retention,
      receiveMessageWaitTime: Duration.seconds(20),
      visibilityTimeout: Duration.seconds(60),
      ...(deliveryDelay === undefined ? {} : { deliveryDelay }),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: attempts + spareReceives },
    });
  }
}
