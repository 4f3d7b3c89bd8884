/** Operations on messages. */
import type { z } from 'zod';
import { type Operation, operation } from '../operation.ts';
import { ServiceError } from '../service-error.ts';
import { runBatch } from './batch.ts';
import { attributesDigest, digestOf } from './digests.ts';
import { batchInput, messageInput, queueInput, receiptInput, receiveInput, visibilityInput } from './inputs.ts';
import { checkMessage } from './message-rules.ts';
import type { Message, Queue } from './queue.ts';
import { type QueueStore, queueByUrl } from './queue-store.ts';

type NewMessage = z.output<typeof messageInput>;

/** @param stopping aborted when the twin stops: ends every long poll */
export function messageOperations(store: QueueStore, stopping: AbortSignal): Readonly<Record<string, Operation>> {
  return {
    SendMessage: operation(queueInput.extend(messageInput.shape), ({ QueueUrl, ...message }) =>
      send(queueByUrl(store, QueueUrl), message),
    ),

    SendMessageBatch: operation(batchInput, ({ QueueUrl, Entries }) => {
      const queue = queueByUrl(store, QueueUrl);
      const messages = Entries.map((entry) => messageInput.safeParse(entry).data);
      const bytes = messages.reduce((sum, message) => sum + (message === undefined ? 0 : sizeOf(message)), 0);
      if (bytes > queue.settings.maxMessageBytes) {
        throw new ServiceError(
          'BatchRequestTooLong',
          'The length of all the messages put together is more than the limit.',
        );
      }
      return runBatch(Entries, messageInput, (message) => send(queue, message));
    }),

    // A caller that hangs up changes nothing, as in SQS: its poll goes on, and what it takes waits for its visibility timeout.
    ReceiveMessage: operation(receiveInput, async (input) => {
      const queue = queueByUrl(store, input.QueueUrl);
      const messages = await queue.receive({
        maxMessages: input.MaxNumberOfMessages,
        waitSeconds: input.WaitTimeSeconds ?? queue.settings.receiveWaitSeconds,
        visibilityTimeoutSeconds: input.VisibilityTimeout ?? queue.settings.visibilityTimeoutSeconds,
        signal: stopping,
      });
      return messages.length === 0 ? {} : { Messages: messages.map((message) => describe(message, input)) };
    }),

    DeleteMessage: operation(queueInput.extend(receiptInput.shape), ({ QueueUrl, ReceiptHandle }) => {
      queueByUrl(store, QueueUrl).delete(ReceiptHandle);
      return {};
    }),

    DeleteMessageBatch: operation(batchInput, ({ QueueUrl, Entries }) => {
      const queue = queueByUrl(store, QueueUrl);
      return runBatch(Entries, receiptInput, ({ ReceiptHandle }) => {
        queue.delete(ReceiptHandle);
        return {};
      });
    }),

    ChangeMessageVisibility: operation(queueInput.extend(visibilityInput.shape), (input) => {
      queueByUrl(store, input.QueueUrl).changeVisibility(input.ReceiptHandle, input.VisibilityTimeout);
      return {};
    }),

    ChangeMessageVisibilityBatch: operation(batchInput, ({ QueueUrl, Entries }) => {
      const queue = queueByUrl(store, QueueUrl);
      return runBatch(Entries, visibilityInput, ({ ReceiptHandle, VisibilityTimeout }) => {
        queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
        return {};
      });
    }),
  };
}

function send(queue: Queue, message: NewMessage): object {
  const { maxMessageBytes, delaySeconds } = queue.settings;
  const { MessageBody: body, MessageAttributes: attributes, MessageGroupId: groupId } = message;
  checkMessage(body, attributes);
  if (sizeOf(message) > maxMessageBytes) {
    throw new ServiceError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${maxMessageBytes} bytes.`,
    );
  }
  return {
    MessageId: queue.send({ body, attributes, groupId, delaySeconds: message.DelaySeconds ?? delaySeconds }).id,
    MD5OfMessageBody: digestOf(body),
    MD5OfMessageAttributes: attributesDigest(attributes),
  };
}

/** Attributes count towards the size of a message: their names, types and values. */
function sizeOf({ MessageBody, MessageAttributes }: NewMessage): number {
  return Object.entries(MessageAttributes).reduce(
    (bytes, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      bytes + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64'),
    Buffer.byteLength(MessageBody),
  );
}

function describe(message: Message, input: z.output<typeof receiveInput>): object {
  const attributes = select(message.attributes, input.MessageAttributeNames);
  const systemAttributes = {
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SentTimestamp: String(message.sentAt),
    ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
  };
  const systemNames = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: digestOf(message.body),
    ...(Object.keys(attributes).length > 0
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: attributesDigest(attributes) }
      : {}),
    ...(systemNames.length > 0 ? { Attributes: select(systemAttributes, systemNames) } : {}),
  };
}

/** @param patterns names, prefixes such as `trace.*`, or All */
function select<Value>(values: Readonly<Record<string, Value>>, patterns: readonly string[]): Record<string, Value> {
  const isSelected = (name: string) =>
    patterns.some(
      (pattern) =>
        pattern === 'All' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(values).filter(([name]) => isSelected(name)));
}
