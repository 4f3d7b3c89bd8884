import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { NotificationView } from '../../contracts/views.ts';
import { decideForService } from '../iam/service-decision.ts';
import { operation } from '../operation.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { requireTopic, type TopicStore, topicProviders } from './topic-store.ts';

export interface ServiceNotification {
  readonly topicArn: string;
  /** Service principal, e.g. 'cloudwatch.amazonaws.com'. */
  readonly principal: string;
  /** ARN of the resource that speaks, e.g. of an alarm. */
  readonly sourceArn: string;
  readonly subject: string;
  readonly message: string;
}

export interface SnsModule extends CloudModule {
  /** @throws ServiceError NotFound, AuthorizationError (the topic's policy does not allow the service to publish) */
  publishForService(notification: ServiceNotification): void;
}

const maxMessageBytes = 262_144;
const publishInput = z.object({
  TopicArn: z.string(),
  Subject: z
    .string()
    .regex(/^[\x21-\x7e][\x20-\x7e]{0,99}$/, 'Subject must have at most 100 ASCII characters and no line breaks')
    .optional(),
  Message: z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= maxMessageBytes, 'Message too long'),
});
/** The page shows no more. */
const keptNotifications = 50;

/** SNS: topics whose messages the page shows; nothing is mailed. */
export function createSnsModule(core: CloudCore): SnsModule {
  const topics: TopicStore = new Map();
  const notifications: NotificationView[] = [];

  const notify = (topicArn: string, subject: string | undefined, text: string): void => {
    requireTopic(topics, topicArn);
    notifications.push({ sentAt: new Date(core.context.time.now()).toISOString(), subject: subject ?? '', text });
    if (notifications.length > keptNotifications) notifications.shift();
    core.context.log('sns', `${topicArn}: ${subject}`);
    core.context.changed();
  };

  return {
    services: [
      {
        name: 'sns',
        operations: {
          Publish: operation(publishInput, ({ TopicArn, Subject, Message }) => {
            notify(TopicArn, Subject, Message);
            return { MessageId: randomUUID() };
          }),
        },
        resourcesOf: (_operation, input) => [String(input['TopicArn'])],
      },
    ],
    providers: topicProviders(core, topics),
    view: () => ({ notifications: [...notifications] }),
    publishForService({ topicArn, principal, sourceArn, subject, message }) {
      const { policy } = requireTopic(topics, topicArn);
      const access = { principal, action: 'sns:Publish', resource: topicArn, sourceArn };
      const decision = decideForService(policy, access, core);
      if (decision !== 'allowed') {
        const message = `${principal} is not authorized to perform: SNS:Publish on resource: ${topicArn}: ${decision}`;
        throw new ServiceError('AuthorizationError', message, 403);
      }
      notify(topicArn, subject, message);
    },
  };
}
