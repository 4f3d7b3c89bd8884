import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Log } from '../service/logger.ts';

/** SQS keeps a message invisible for at most 12 hours after it was received. */
const longestVisibilitySeconds = 43_200;
/** Every queue has its dead letters beside it. */
const deadLettersSuffix = '-dead-letters';
const longestReason = 1_000;

/** A received message, kept invisible to other consumers until it is released. */
export class MessageInHand {
  readonly id: string;
  readonly body: string;
  /** 1 when nobody has had it before. */
  readonly attempt: number;
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
    this.attempt = Number(received.Attributes?.ApproximateReceiveCount ?? 1);
    this.backoffSeconds = Math.min(300, 5 * 2 ** (this.attempt - 1));
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

  /** Moves the message to the dead letters, as it is, with the attributes `reason` and `attempts`. */
  async giveUp(reason: string): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: this.subject.QueueUrl + deadLettersSuffix,
      MessageBody: this.body,
      MessageAttributes: {
        reason: { DataType: 'String', StringValue: printable(reason).slice(0, longestReason) },
        attempts: { DataType: 'Number', StringValue: String(this.attempt) },
      },
    });
    await this.sqs.send(command);
    await this.delete();
  }

  /** Stops extending the time the message is invisible. */
  release(): void {
    clearInterval(this.extending);
  }

  private async hideFor(seconds: number): Promise<void> {
    await this.sqs.send(new ChangeMessageVisibilityCommand({ ...this.subject, VisibilityTimeout: seconds }));
  }
}

/** SQS takes no control characters in a text. */
const printable = (text: string) => text.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]+/gu, ' ').trim() || 'unknown';
