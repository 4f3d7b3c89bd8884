import { createHmac } from 'node:crypto';
import type { EventDetail } from '@stepkube/shared/events/events.ts';

/**
 * The event of a /forget command. Like a job, it derives from the message only: repeated deliveries give the same event, and
 * it covers what was sent before the command, never anything later.
 */
export function userForgottenOf(message: {
  readonly token: string;
  readonly chatId: number;
  readonly messageId: number;
  readonly userId: string;
  /** Telegram's `date`: seconds since 1970. */
  readonly sentAtSeconds: number;
}): EventDetail<'UserForgotten'> {
  const { token, chatId, messageId, userId, sentAtSeconds } = message;
  const subject = `forget/${chatId}/${messageId}`;
  return {
    schemaVersion: 1,
    eventId: createHmac('sha256', token).update(subject).digest('hex').slice(0, 32),
    occurredAt: new Date(sentAtSeconds * 1000).toISOString(),
    user: { id: userId },
  };
}
