import { conditionsHold } from '../iam/conditions.ts';
import { decide } from '../iam/decision.ts';
import type { Role } from '../iam/store.ts';

/** Whether a role's trust policy lets one of the principals (`Federated` or `AWS`) take the role. */
export function trusts(
  role: Role,
  action: string,
  kind: 'AWS' | 'Federated',
  principals: readonly string[],
  context: Readonly<Record<string, string>>,
): boolean {
  const statements = role.trust.filter(
    (statement) =>
      statement.principals[kind]?.some((principal) => principals.includes(principal)) &&
      // Here every key is known: one that the token does not carry is not met.
      conditionsHold(statement, context, false),
  );
  return decide(statements, { action, context }) === 'allowed';
}
