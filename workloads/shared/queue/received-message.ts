import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  type MessageAttributeValue,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Log } from '../service/logger.ts';

/** SQS keeps a message invisible for at most 12 hours after it was received. */
const maxVisibilitySeconds = 43_200;
/** The longest delivery delay of a message. */
const maxDelaySeconds = 900;
const maxReasonLength = 1_000;
/** Of body and attributes together: a body of this size leaves no room for attributes. */
const maxMessageBytes = 1_048_576;
/** Names and types of the two attributes, and the digits of the number of attempts. */
const attributesOverheadBytes = 64;
const firstBackoffSeconds = 5;
const maxBackoffSeconds = 300;

/** A received message, kept invisible to other consumers until it is deleted, returned or released. */
export class ReceivedMessage {
  readonly id: string;
  readonly body: string;
  /** 1 on the first delivery. */
  readonly attempt: number;
  /** The fair queue's group; undefined for a message without one. */
  readonly groupId: string | undefined;
  /** Pause before the next attempt: 5 s, 10 s, 20 s, ... up to 5 minutes. */
  readonly backoffSeconds: number;
  readonly #sqs: SQSClient;
  readonly #subject: { readonly QueueUrl: string; readonly ReceiptHandle: string };
  readonly #deadLetterQueueUrl: string;
  readonly #extending: NodeJS.Timeout;

  constructor(options: {
    readonly sqs: SQSClient;
    readonly queueUrl: string;
    readonly deadLetterQueueUrl: string;
    readonly visibilitySeconds: number;
    readonly received: Message;
    readonly log: Log;
  }) {
    const { received, visibilitySeconds, log } = options;
    this.id = received.MessageId ?? '';
    this.body = received.Body ?? '';
    this.attempt = Number(received.Attributes?.ApproximateReceiveCount ?? 1);
    this.groupId = received.Attributes?.MessageGroupId;
    this.backoffSeconds = Math.min(maxBackoffSeconds, firstBackoffSeconds * 2 ** (this.attempt - 1));
    this.#sqs = options.sqs;
    this.#subject = { QueueUrl: options.queueUrl, ReceiptHandle: received.ReceiptHandle ?? '' };
    this.#deadLetterQueueUrl = options.deadLetterQueueUrl;
    this.#extending = setInterval(
      () => {
        this.#hideFor(visibilitySeconds).catch((error: unknown) =>
          log.warn({ err: error, messageId: this.id }, 'the message could not be kept: it may be handled twice'),
        );
      },
      (visibilitySeconds * 1000) / 2,
    );
  }

  async delete(): Promise<void> {
    this.release();
    await this.#sqs.send(new DeleteMessageCommand(this.#subject));
  }

  /** Gives the message back to the queue, where it becomes visible after this long. */
  async returnAfter(seconds: number): Promise<void> {
    this.release();
    await this.#hideFor(Math.min(maxVisibilitySeconds, Math.ceil(seconds)));
  }

  /**
   * Puts a copy into the queue that is delivered after this long, a quarter of an hour at most, then deletes the message. The copy has
   * not used up any attempt.
   */
  async postpone(seconds: number): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: this.#subject.QueueUrl,
      MessageBody: this.body,
      DelaySeconds: Math.min(maxDelaySeconds, Math.ceil(seconds)),
      ...(this.groupId !== undefined && { MessageGroupId: this.groupId }),
    });
    await this.#sqs.send(command);
    await this.delete();
  }

  /**
   * Sends the unchanged body to the dead letters with the attributes `reason` and `attempts`, as far as they fit beside it, then
   * deletes the message.
   */
  async moveToDeadLetters(reason: string): Promise<void> {
    const command = new SendMessageCommand({
      QueueUrl: this.#deadLetterQueueUrl,
      MessageBody: this.body,
      MessageAttributes: this.#attributesOf(printable(reason).slice(0, maxReasonLength)),
    });
    await this.#sqs.send(command);
    await this.delete();
  }

  #attributesOf(reason: string): Record<string, MessageAttributeValue> {
    const leftBytes = maxMessageBytes - Buffer.byteLength(this.body) - attributesOverheadBytes;
    if (leftBytes <= 0) return {};
    // A character has at most 3 bytes in UTF-8, or 4 as two units.
    const fitting = Buffer.byteLength(reason) <= leftBytes ? reason : reason.slice(0, Math.floor(leftBytes / 3));
    return {
      attempts: { DataType: 'Number', StringValue: String(this.attempt) },
      ...(fitting !== '' && { reason: { DataType: 'String', StringValue: fitting } }),
    };
  }

  /** Stops extending the time for which the message is invisible. */
  release(): void {
    clearInterval(this.#extending);
  }

  async #hideFor(seconds: number): Promise<void> {
    await this.#sqs.send(new ChangeMessageVisibilityCommand({ ...this.#subject, VisibilityTimeout: seconds }));
  }
}

/** SQS refuses control characters in texts. */
const printable = (text: string) => text.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]+/gu, ' ').trim() || 'unknown';
