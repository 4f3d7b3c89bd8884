import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { z } from 'zod';

/** Checks a message against its contract and sends it. */
export async function sendMessage<T>(
  sqs: SQSClient,
  queueUrl: string,
  schema: z.ZodType<T>,
  content: T,
  abortSignal?: AbortSignal,
): Promise<void> {
  const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(schema.parse(content)) });
  await sqs.send(command, abortSignal === undefined ? {} : { abortSignal });
}
