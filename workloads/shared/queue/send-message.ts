import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { z } from 'zod';
import { abortOptions } from '../service/aws.ts';

export interface SendOptions {
  readonly abortSignal?: AbortSignal;
  /** SQS's fair queues: while one group has a backlog, the messages of others are received first. Up to 128 letters and digits. */
  readonly groupId?: string;
}

/** Sends a message as JSON. @throws ZodError when the content does not match its schema: that is a fault of the caller. */
export async function sendMessage<T>(
  sqs: SQSClient,
  queueUrl: string,
  schema: z.ZodType<T>,
  content: T,
  { abortSignal, groupId }: SendOptions = {},
): Promise<void> {
  const command = new SendMessageCommand({
    QueueUrl: queueUrl,
    MessageBody: JSON.stringify(schema.parse(content)),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
  });
  await sqs.send(command, abortOptions(abortSignal));
}
