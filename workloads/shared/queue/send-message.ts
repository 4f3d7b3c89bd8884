import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { z } from 'zod';
import { abortOptions } from '../service/aws.ts';

/** Sends a message as JSON. @throws ZodError when the content does not match its schema: that is a fault of the caller. */
export async function sendMessage<T>(
  sqs: SQSClient,
  queueUrl: string,
  schema: z.ZodType<T>,
  content: T,
  abortSignal?: AbortSignal,
): Promise<void> {
  const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(schema.parse(content)) });
  await sqs.send(command, abortOptions(abortSignal));
}
