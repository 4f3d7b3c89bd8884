import type { UsageResponse } from '@stepkube/shared/contracts/usage-api.ts';
import type { EventDetail } from '@stepkube/shared/events/events.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Message } from 'telegraf/types';
import { accountWording, privacyText, type Retention, usageText } from './account-wording.ts';
import type { Command } from './addressed.ts';
import type { Admission } from './admission.ts';
import { userForgottenOf } from './forget-event.ts';
import { senderIdOf } from './sender.ts';
import { UsageUnavailableError } from './usage.ts';
import { wording } from './wording.ts';

export interface CommandDependencies {
  readonly token: string;
  readonly admission: Pick<Admission, 'quotaOf'>;
  /** @throws UsageUnavailableError */
  readonly readUsage: (userId: string) => Promise<UsageResponse>;
  readonly forget: (event: EventDetail<'UserForgotten'>) => Promise<void>;
  readonly retention: Retention;
  readonly log: Log;
}

/** The answer to each command. A rejection makes Telegram deliver the message again. */
export function createCommands(dependencies: CommandDependencies) {
  const { token, admission, readUsage, forget, retention, log } = dependencies;
  const always = (text: string) => async () => text;

  const answers: Readonly<Record<Command, (message: Message) => Promise<string>>> = {
    start: always(wording.start),
    help: always(wording.help),
    privacy: always(privacyText(retention)),
    async usage(message) {
      const userId = senderIdOf(message);
      try {
        const [usage, quota] = await Promise.all([readUsage(userId), admission.quotaOf(userId)]);
        return usageText(usage, quota);
      } catch (error) {
        if (!(error instanceof UsageUnavailableError)) throw error;
        log.warn({ err: error }, 'the usage could not be shown');
        return accountWording.usageUnavailable;
      }
    },
    async forget(message) {
      const { chat, message_id, date } = message;
      const userId = senderIdOf(message);
      // Confirmed only when the bus has the event: until then Telegram delivers the message again.
      await forget(userForgottenOf({ token, chatId: chat.id, messageId: message_id, userId, sentAtSeconds: date }));
      return accountWording.forgotten;
    },
  };
  return answers;
}
