/**
 * Messages that AWS services such as EventBridge send for one of their resources.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
import { decideForService } from '../iam/service-decision.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import type { QueueStore } from './queue-store.ts';

export interface ServiceDelivery {
  readonly queueArn: string;
  /** Service principal, e.g. 'events.amazonaws.com'. */
  readonly principal: string;
  /** ARN of the resource that causes the message, e.g. of a rule. */
  readonly sourceArn: string;
}

/** @throws ServiceError AccessDenied when no AWS::SQS::QueuePolicy allows the service to send for the source */
export function checkServiceMaySend(
  core: CloudCore,
  store: QueueStore,
  { queueArn, principal, sourceArn }: ServiceDelivery,
): void {
  const access = { principal, action: 'sqs:SendMessage', resource: queueArn, sourceArn };
  const decision = decideForService(store.policies.get(queueArn) ?? [], access, core);
  if (decision === 'allowed') return;
  throw new ServiceError(
    'AccessDenied',
    `${principal} is not authorized to perform: sqs:SendMessage on resource: ${queueArn} for ${sourceArn}: ${decision} by the queue's policy`,
    403,
  );
}
