/** Messages from AWS services such as EventBridge, which have no role: only a queue's own policy lets them in. */
import { decide } from '../iam/decision.ts';
import type { Statement } from '../iam/policy-document.ts';
import { type CloudCore, ServiceError } from '../service.ts';

export interface ServiceDelivery {
  readonly queueArn: string;
  /** e.g. 'events.amazonaws.com' */
  readonly principal: string;
  /** e.g. the ARN of the rule */
  readonly sourceArn: string;
}

/** Queue ARN -> what its policies say. */
export type QueuePolicies = Map<string, readonly Statement[]>;

const policiesOf = new WeakMap<CloudCore, QueuePolicies>();

export function checkServiceDeliveries(core: CloudCore, policies: QueuePolicies): void {
  policiesOf.set(core, policies);
}

/** @throws ServiceError AccessDenied when no AWS::SQS::QueuePolicy allows the service to send for the source */
export function assertServiceMaySend(core: CloudCore, { queueArn, principal, sourceArn }: ServiceDelivery): void {
  const policies = policiesOf.get(core);
  // A cloud without SQS: the call itself will say so.
  if (policies === undefined) return;
  const statements = policies.get(queueArn) ?? [];
  const names = new Set(['*', principal]);
  const aimed = statements.filter(({ principals }) =>
    Object.values(principals)
      .flat()
      .some((name) => names.has(name)),
  );
  const decision = decide(aimed, {
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
