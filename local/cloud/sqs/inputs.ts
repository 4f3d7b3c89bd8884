/** Inputs of SQS operations. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html */
import { z } from 'zod';

const maxVisibilityTimeoutSeconds = 43_200;

/** A whole number within documented bounds. */
const inRange = (min: number, max: number) => {
  const error = `Reason: Must be between ${min} and ${max}, if provided.`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
const names = z.array(z.string()).default([]);
const visibilityTimeout = inRange(0, maxVisibilityTimeoutSeconds);

export const queueInput = z.object({ QueueUrl: z.string() });

const messageAttribute = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});

/** SQS refuses an empty body as it refuses a missing one. */
const messageBody = z
  .string()
  .transform((body) => body || undefined)
  .pipe(z.string());

export const messageInput = z.object({
  MessageBody: messageBody,
  DelaySeconds: inRange(0, 900).optional(),
  MessageAttributes: z.record(z.string(), messageAttribute).default({}),
  /** The group of a fair queue. */
  MessageGroupId: z
    .string()
    .regex(/^[\w!"#$%&'()*+,\-./:;<=>?@[\\\]^`{|}~]{1,128}$/)
    .optional(),
});
export const receiveInput = queueInput.extend({
  MaxNumberOfMessages: inRange(1, 10).default(1),
  WaitTimeSeconds: inRange(0, 20).optional(),
  VisibilityTimeout: visibilityTimeout.optional(),
  MessageAttributeNames: names,
  AttributeNames: names,
  MessageSystemAttributeNames: names,
});
export const receiptInput = z.object({ ReceiptHandle: z.string() });
export const visibilityInput = receiptInput.extend({ VisibilityTimeout: visibilityTimeout });
/** Entries of a batch are checked one by one: an invalid one does not fail the others. */
export const batchInput = queueInput.extend({ Entries: z.array(z.looseObject({ Id: z.string() })).default([]) });

export const queueAttributesInput = queueInput.extend({ AttributeNames: names });
export const queueNameInput = z.object({ QueueName: z.string() });
export const moveTaskInput = z.object({ SourceArn: z.string(), DestinationArn: z.string().optional() });
export const listQueuesInput = z.object({ QueueNamePrefix: z.string().default('') });
