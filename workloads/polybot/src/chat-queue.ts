import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Telegram } from 'telegraf';
import type { ChatPace } from './chat-pace.ts';
import type { Metrics } from './metrics.ts';
import type { NotificationLog } from './notification-log.ts';

/** What the consumer of a queue needs to send messages to chats, each once. */
export interface ChatQueueDependencies {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly telegram: Telegram;
  readonly notifications: NotificationLog;
  readonly pace: ChatPace;
  readonly metrics: Metrics;
  readonly log: Log;
}
