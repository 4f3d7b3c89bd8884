import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface WorkQueueProps {
  readonly queueName: string;
  readonly retention: Duration;
  /** How often the consumer tries a message before it moves it to the dead letters itself, with the reason. */
  readonly attempts: number;
  /** @default none */
  readonly deliveryDelay?: Duration;
}

/** SQS moves a message itself after so many more receives: for consumers that die before they can do it. */
const spareReceives = 5;

/** An encrypted queue with a dead-letter queue `<queueName>-dead-letters`. */
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
