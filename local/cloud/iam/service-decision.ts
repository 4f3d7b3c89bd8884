/**
 * What AWS services such as EventBridge and CloudWatch may do to a resource. They act as service principals, which have no identity-based
 * policies: the resource's own policy must allow the call.
 */
import type { Account } from '../arns.ts';
import { type Decision, decide } from './decision.ts';
import type { Statement } from './policy-document.ts';

export interface ServiceAccess {
  /** Service principal, e.g. 'events.amazonaws.com'. */
  readonly principal: string;
  /** e.g. 'sqs:SendMessage' */
  readonly action: string;
  /** ARN of the resource that has the policy. */
  readonly resource: string;
  /** ARN of the resource that causes the call, e.g. of a rule. */
  readonly sourceArn: string;
}

export function decideForService(
  policy: readonly Statement[],
  { principal, action, resource, sourceArn }: ServiceAccess,
  { accountId }: Account,
): Decision {
  const applicable = policy.filter(({ principals }) =>
    Object.values(principals)
      .flat()
      .some((name) => name === '*' || name === principal),
  );
  const context = {
    'aws:SourceArn': sourceArn,
    'aws:SourceAccount': accountId,
    'aws:PrincipalIsAWSService': 'true',
    'aws:SecureTransport': 'true',
  };
  return decide(applicable, { action, resource, context });
}
