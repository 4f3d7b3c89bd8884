/**
 * Allows or denies one action on one resource: an explicit Deny wins, otherwise an Allow is needed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { type ConditionContext, conditionsHold } from './conditions.ts';
import { matchesPattern } from './pattern.ts';
import type { Statement } from './policy-document.ts';

export type Decision = 'allowed' | 'explicitly denied' | 'not allowed';

export interface AccessRequest {
  /** e.g. 'sqs:SendMessage' */
  readonly action: string;
  /** Absent: the operation has no resource-level permissions, or the twin does not know the resource. */
  readonly resource?: string;
  readonly context: ConditionContext;
}

/**
 * Conditions on keys that the twin has no value for count as met for Allow and as not met for Deny: there the twin may allow
 * what AWS would deny, but it never denies what AWS would allow.
 */
export function decide(statements: readonly Statement[], access: AccessRequest): Decision {
  const applies = (statement: Statement, whenUnknown: boolean) =>
    matchesAction(statement, access.action) &&
    matchesResource(statement, access.resource) &&
    conditionsHold(statement, access.context, whenUnknown);
  if (statements.some((statement) => statement.effect === 'Deny' && applies(statement, false))) {
    return 'explicitly denied';
  }
  return statements.some((statement) => statement.effect === 'Allow' && applies(statement, true))
    ? 'allowed'
    : 'not allowed';
}

function matchesAction({ actions, notActions }: Statement, action: string): boolean {
  const matches = (pattern: string) => matchesPattern(pattern, action, { ignoreCase: true });
  return notActions.length > 0 ? !notActions.some(matches) : actions.some(matches);
}

function matchesResource({ effect, resources, notResources }: Statement, resource: string | undefined): boolean {
  if (resource === undefined) return effect === 'Allow' || resources.includes('*');
  const matches = (pattern: string) => matchesPattern(pattern, resource);
  return notResources.length > 0 ? !notResources.some(matches) : resources.some(matches);
}
