import { conditionsHold } from '../iam/conditions.ts';
import { decide } from '../iam/decision.ts';
import type { Role } from '../iam/iam-store.ts';

export interface TrustRequest {
  /** e.g. 'sts:AssumeRole' */
  readonly action: string;
  readonly kind: 'AWS' | 'Federated';
  /** The caller in every form in which a policy may name it. */
  readonly principals: readonly string[];
  readonly context: Readonly<Record<string, string>>;
}

/** Whether a role's trust policy lets one of the principals assume the role. */
export function isTrusted(role: Role, { action, kind, principals, context }: TrustRequest): boolean {
  const statements = role.trustPolicy.filter(
    (statement) =>
      statement.principals[kind]?.some((principal) => principals.includes(principal)) &&
      // The context is complete here: a condition on a key that is not in it is not met.
      conditionsHold(statement, context, false),
  );
  return decide(statements, { action, context }) === 'allowed';
}
