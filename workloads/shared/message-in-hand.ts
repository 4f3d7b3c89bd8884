import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Log } from './logger.ts';

/** SQS keeps a message invisible for at most 12 hours after it was received. */
const longestVisibilitySeconds = 43_200;

/** A received message, kept invisible to other consumers until it is released. */
export class MessageInHand {
  readonly id: string;
  readonly body: string;
  /** How long to wait before the next attempt: 5 s, 10 s, 20 s, ... up to 5 minutes. */
  readonly backoffSeconds: number;
  private readonly sqs: SQSClient;
  private readonly subject: { readonly QueueUrl: string; readonly ReceiptHandle: string };
  private readonly extending: NodeJS.Timeout;

  constructor(options: {
    readonly sqs: SQSClient;
    readonly queueUrl: string;
    readonly visibilitySeconds: number;
    readonly received: Message;
    readonly log: Log;
  }) {
    const { received, visibilitySeconds, log } = options;
    this.id = received.MessageId ?? '';
    this.body = received.Body ?? '';
    const attempts = Number(received.Attributes?.ApproximateReceiveCount ?? 1);
    this.backoffSeconds = Math.min(300, 5 * 2 ** (attempts - 1));
    this.sqs = options.sqs;
    this.subject = { QueueUrl: options.queueUrl, ReceiptHandle: received.ReceiptHandle ?? '' };
    this.extending = setInterval(
      () => {
        this.hideFor(visibilitySeconds).catch((error: unknown) =>
          log.warn({ err: error, messageId: this.id }, 'the message could not be kept: it may be handled twice'),
        );
      },
      (visibilitySeconds * 1000) / 2,
    );
  }

  async delete(): Promise<void> {
    this.release();
    await this.sqs.send(new DeleteMessageCommand(this.subject));
  }

  /** Gives the message back: others see it after this long. */
  async returnAfter(seconds: number): Promise<void> {
    this.release();
    await this.hideFor(Math.min(longestVisibilitySeconds, Math.ceil(seconds)));
  }

  /** Stops extending the time the message is invisible. */
  release(): void {
    clearInterval(this.extending);
  }

  private async hideFor(seconds: number): Promise<void> {
    await this.sqs.send(new ChangeMessageVisibilityCommand({ ...this.subject, VisibilityTimeout: seconds }));
  }
}
