/**
 * Policy documents as data: whatever may be one value or a list becomes a list.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { z } from 'zod';
import { jsonDocument } from '../resource.ts';

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[];
  /** Principals of a resource-based or trust policy by kind (AWS, Service, Federated); '*' appears under AWS. */
  readonly principals: Readonly<Record<string, readonly string[]>>;
  /** Condition operator -> condition key -> accepted values. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

const scalar = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const oneOrMany = z.union([scalar.transform((value) => [value]), z.array(scalar)]);

const statementSchema = z
  .object({
    Effect: z.enum(['Allow', 'Deny']),
    Action: oneOrMany.default([]),
    NotAction: oneOrMany.default([]),
    Resource: oneOrMany.default([]),
    NotResource: oneOrMany.default([]),
    Principal: z.union([z.literal('*').transform(() => ({ AWS: ['*'] })), z.record(z.string(), oneOrMany)]).default({}),
    Condition: z.record(z.string(), z.record(z.string(), oneOrMany)).default({}),
  })
  .transform(
    (statement): Statement => ({
      effect: statement.Effect,
      actions: statement.Action,
      notActions: statement.NotAction,
      resources: statement.Resource,
      notResources: statement.NotResource,
      principals: statement.Principal,
      conditions: statement.Condition,
    }),
  );

const documentSchema = z
  .object({ Statement: z.union([z.array(statementSchema), statementSchema.transform((statement) => [statement])]) })
  .transform(({ Statement }): readonly Statement[] => Statement);

export const policyDocument = jsonDocument(documentSchema);
