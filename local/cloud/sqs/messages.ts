/** Operations on messages. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html */
import type { Operation } from '../service.ts';
import { ServiceError } from '../service.ts';
import { runBatch } from './batch.ts';
import { attributesDigest, digestOf, type MessageAttributes } from './digests.ts';
import type { Message, Queue } from './queue.ts';
import { type QueueStore, queueOf } from './store.ts';

interface SendInput {
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: MessageAttributes;
}

/** @param stopping aborted when the twin stops: ends every long poll */
export function messageOperations(store: QueueStore, stopping: AbortSignal): Record<string, Operation> {
  return {
    SendMessage: async (input) => send(queueOf(store, input), input),
    SendMessageBatch: async (input) => {
      const queue = queueOf(store, input);
      const bytes = (input.Entries ?? []).reduce((sum: number, entry: SendInput) => sum + sizeOf(entry), 0);
      if (bytes > queue.settings.maximumMessageBytes) {
        throw new ServiceError(
          'BatchRequestTooLong',
          'The length of all the messages put together is more than the limit.',
        );
      }
      return runBatch(input.Entries, (entry) => send(queue, entry as SendInput));
    },
    ReceiveMessage: async (input, { signal }) => {
      const queue = queueOf(store, input);
      const { settings } = queue;
      const messages = await queue.receive({
        maxMessages: inRange('MaxNumberOfMessages', input.MaxNumberOfMessages ?? 1, 1, 10),
        waitSeconds: inRange('WaitTimeSeconds', input.WaitTimeSeconds ?? settings.receiveWaitSeconds, 0, 20),
        visibilityTimeoutSeconds: timeoutOf(input.VisibilityTimeout ?? settings.visibilityTimeoutSeconds),
        signal: signal === undefined ? stopping : AbortSignal.any([signal, stopping]),
      });
      return messages.length === 0 ? {} : { Messages: messages.map((message) => describe(message, input)) };
    },
    DeleteMessage: async (input) => {
      queueOf(store, input).delete(input.ReceiptHandle);
      return {};
    },
    DeleteMessageBatch: async (input) => {
      const queue = queueOf(store, input);
      return runBatch(input.Entries, ({ ReceiptHandle }) => {
        queue.delete(String(ReceiptHandle));
        return undefined;
      });
    },
    ChangeMessageVisibility: async (input) => {
      queueOf(store, input).changeVisibility(input.ReceiptHandle, timeoutOf(input.VisibilityTimeout));
      return {};
    },
    ChangeMessageVisibilityBatch: async (input) => {
      const queue = queueOf(store, input);
      return runBatch(input.Entries, ({ ReceiptHandle, VisibilityTimeout }) => {
        queue.changeVisibility(String(ReceiptHandle), timeoutOf(Number(VisibilityTimeout)));
        return undefined;
      });
    },
  };
}

function send(queue: Queue, input: SendInput) {
  const { MessageBody: body = '', MessageAttributes: attributes = {} } = input;
  const { maximumMessageBytes, delaySeconds } = queue.settings;
  if (body === '') throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (sizeOf(input) > maximumMessageBytes) {
    throw new ServiceError(
      'InvalidParameterValue',
      `One or more parameters are invalid. Reason: Message must be shorter than ${maximumMessageBytes} bytes.`,
    );
  }
  const message = queue.send(body, attributes, inRange('DelaySeconds', input.DelaySeconds ?? delaySeconds, 0, 900));
  return {
    MessageId: message.id,
    MD5OfMessageBody: digestOf(body),
    MD5OfMessageAttributes: attributesDigest(attributes),
  };
}

function sizeOf({ MessageBody = '', MessageAttributes = {} }: SendInput): number {
  return Object.entries(MessageAttributes).reduce(
    (bytes, [name, { DataType, StringValue = '', BinaryValue = '' }]) =>
      bytes + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, 'base64'),
    Buffer.byteLength(MessageBody),
  );
}

interface ReceiveInput {
  readonly MessageAttributeNames?: readonly string[];
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
}

function describe(message: Message, input: ReceiveInput) {
  const attributes = select(message.attributes, input.MessageAttributeNames ?? []);
  const system = {
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    SentTimestamp: String(message.sentAt),
  };
  const wantedSystem = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: digestOf(message.body),
    ...(Object.keys(attributes).length > 0
      ? { MessageAttributes: attributes, MD5OfMessageAttributes: attributesDigest(attributes) }
      : {}),
    ...(wantedSystem.length > 0 ? { Attributes: select(system, wantedSystem) } : {}),
  };
}

/** Names, prefixes such as `trace.*`, or All. */
function select<Value>(values: Readonly<Record<string, Value>>, wanted: readonly string[]): Record<string, Value> {
  const isWanted = (name: string) =>
    wanted.some(
      (want) => want === 'All' || want === name || (want.endsWith('.*') && name.startsWith(want.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(values).filter(([name]) => isWanted(name)));
}

const longestTimeoutSeconds = 43_200;

function timeoutOf(value: number): number {
  return inRange('VisibilityTimeout', value, 0, longestTimeoutSeconds);
}

function inRange(name: string, value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new ServiceError(
    'InvalidParameterValue',
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${low} and ${high}, if provided.`,
  );
}
