/**
 * Messages that AWS services such as EventBridge send for one of their resources. They act as a service principal, which has no
 * identity-based policies: the queue's own policy must allow the call.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
 */
import { decide } from '../iam/decision.ts';
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
  const applicable = (store.policies.get(queueArn) ?? []).filter(({ principals }) =>
    Object.values(principals)
      .flat()
      .some((name) => name === '*' || name === principal),
  );
  const decision = decide(applicable, {
    action: 'sqs:SendMessage',
    resource: queueArn,
    context: {
      'aws:SourceArn': sourceArn,
      'aws:SourceAccount': core.accountId,
      'aws:PrincipalIsAWSService': 'true',
      'aws:SecureTransport': 'true',
    },
  });
  if (decision === 'allowed') return;
  throw new ServiceError(
    'AccessDenied',
    `${principal} is not authorized to perform: sqs:SendMessage on resource: ${queueArn} for ${sourceArn}: ${decision} by the queue's policy`,
    403,
  );
}
