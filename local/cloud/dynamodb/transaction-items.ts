/**
 * The actions of a transaction, and what is refused before any item is read.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
import { z } from 'zod';
import { ServiceError } from '../service-error.ts';

export type AttributeMap = Readonly<Record<string, unknown>>;

const attributeMap = z.record(z.string(), z.unknown());
/** Loose: the engine checks the members of each kind of action. */
const actionInput = z.looseObject({
  TableName: z.string(),
  Key: attributeMap.optional(),
  Item: attributeMap.optional(),
  ReturnValuesOnConditionCheckFailure: z.enum(['ALL_OLD', 'NONE']).optional(),
});
const transactItems = z.array(z.record(z.string(), actionInput)).catch([]);

const writeKinds = ['ConditionCheck', 'Put', 'Update', 'Delete'] as const;

export type ActionKind = (typeof writeKinds)[number] | 'Get';

export interface TransactionAction {
  readonly kind: ActionKind;
  readonly input: z.output<typeof actionInput>;
}

/** There is no IAM action for transactions: each action of one needs the permission of its own kind. */
export const permissionOf: Readonly<Record<ActionKind, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
};

const maxItems = 100;

/** @throws ServiceError ValidationException */
export function writeActions(items: unknown): readonly TransactionAction[] {
  return actionsOf(items, writeKinds, 'TransactItems can only contain one of Check, Put, Update or Delete');
}

/** @throws ServiceError ValidationException */
export function getActions(items: unknown): readonly TransactionAction[] {
  return actionsOf(items, ['Get'], 'TransactItems can only contain Get');
}

function actionsOf(
  items: unknown,
  kinds: readonly ActionKind[],
  otherKindMessage: string,
): readonly TransactionAction[] {
  const list = transactItems.parse(items);
  if (list.length < 1) throw invalidLength('greater than or equal to 1');
  if (list.length > maxItems) throw invalidLength(`less than or equal to ${maxItems}`);
  return list.map((item) => {
    const [[name, input] = [], second] = Object.entries(item);
    const kind = kinds.find((candidate) => candidate === name);
    if (kind === undefined || input === undefined || second !== undefined) throw invalid(otherKindMessage);
    return { kind, input };
  });
}

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

function invalidLength(limit: string): ServiceError {
  return invalid(
    `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ${limit}`,
  );
}
