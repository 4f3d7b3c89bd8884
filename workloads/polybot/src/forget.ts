import { createHmac } from 'node:crypto';
import type { EventDetail } from '@stepkube/shared/events/events.ts';

/**
 * The event of one /forget. It derives from the message, as a job does: however often Telegram delivers the message, it
 * is one event, and it reaches what was sent until then and nothing that was sent later.
 */
export function forgottenOf(message: {
  readonly token: string;
  readonly chatId: number;
  readonly messageId: number;
  readonly userId: number;
  /** Telegram's `date`: seconds since 1970. */
  readonly sentAtSeconds: number;
}): EventDetail<'UserForgotten'> {
  const { token, chatId, messageId, userId, sentAtSeconds } = message;
  const subject = `forget/${chatId}/${messageId}`;
  return {
    schemaVersion: 1,
    eventId: createHmac('sha256', token).update(subject).digest('hex').slice(0, 32),
    occurredAt: new Date(sentAtSeconds * 1000).toISOString(),
    user: { id: String(userId) },
  };
}
