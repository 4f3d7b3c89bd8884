import { z } from 'zod';

/** What launching an instance with an encrypted volume takes, as grants name it; actions have `kms:` before it. */
const neededOperations = [
  'CreateGrant',
  'Decrypt',
  'DescribeKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
] as const;

const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const oneOrMore = z.union([scalar.transform((value) => [value]), z.array(scalar)]);
const statement = z.object({
  Effect: z.string(),
  Principal: z.union([z.literal('*'), z.record(z.string(), oneOrMore)]).optional(),
  Action: oneOrMore.optional(),
  Condition: z.record(z.string(), z.record(z.string(), oneOrMore)).optional(),
});
const keyPolicy = z.object({
  Statement: z.union([z.array(statement), statement.transform((only) => [only])]),
});
type Statement = z.output<typeof statement>;

export interface KeyUser {
  /** The ARN of a role; undefined: every caller of the account. */
  readonly arn: string | undefined;
  readonly accountId: string;
  readonly region: string;
}

/**
 * The operations that a key policy and grants to this user do not allow. A statement with a condition that is not known here
 * does not count, and neither does the one for the account as a whole: it leaves the decision to the policies of roles, and
 * no role of the cluster has one for a key.
 */
export function missingOperations(
  policy: string,
  grants: readonly { readonly Operations?: readonly string[] }[],
  user: KeyUser,
): readonly string[] {
  const statements = keyPolicy.parse(JSON.parse(policy)).Statement.filter((candidate) => concerns(candidate, user));
  const allows = (effect: string, operation: string) =>
    statements.some(
      ({ Effect, Action = [] }) => Effect === effect && Action.some((pattern) => matches(pattern, operation)),
    );
  return neededOperations.filter(
    (operation) =>
      allows('Deny', operation) ||
      !(allows('Allow', operation) || grants.some(({ Operations }) => Operations?.includes(operation))),
  );
}

function concerns({ Principal, Condition = {} }: Statement, { arn, accountId, region }: KeyUser): boolean {
  const principals = Principal === '*' ? ['*'] : (Principal?.['AWS'] ?? []);
  const known = (key: string, values: readonly string[]) => {
    if (key === 'kms:calleraccount') return values.includes(accountId);
    if (key === 'kms:viaservice') return values.some((value) => value.startsWith(`ec2.${region}.`));
    return key === 'kms:grantisforawsresource' && values.includes('true');
  };
  return (
    principals.some((principal) => principal === '*' || principal === arn) &&
    Object.values(Condition).every((keys) =>
      Object.entries(keys).every(([key, values]) => known(key.toLowerCase(), values)),
    )
  );
}

function matches(pattern: string, operation: string): boolean {
  const [start, ...rest] = pattern.toLowerCase().split('*');
  const action = `kms:${operation}`.toLowerCase();
  return rest.length === 0 ? action === start : action.startsWith(start ?? '') && action.endsWith(rest.at(-1) ?? '');
}
