/**
 * The actions of a transaction, and the limits that hold before any of them is looked at.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
import { ServiceError } from '../service.ts';

export type AttributeMap = Readonly<Record<string, unknown>>;

/** What Put, Update, Delete and ConditionCheck have in common, and the members of each. */
export interface ActionInput {
  readonly TableName: string;
  readonly Key?: AttributeMap;
  readonly Item?: AttributeMap;
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
  readonly [member: string]: unknown;
}

export type ActionKind = 'ConditionCheck' | 'Put' | 'Update' | 'Delete' | 'Get';

export interface TransactionAction {
  readonly kind: ActionKind;
  readonly input: ActionInput;
}

type TransactItem = Partial<Record<ActionKind, ActionInput>>;

/** IAM knows no TransactWriteItems: each action needs the permission of its own kind. */
export const permissionOf: Readonly<Record<ActionKind, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
};

const mostItems = 100;
const writeKinds: readonly ActionKind[] = ['ConditionCheck', 'Put', 'Update', 'Delete'];

/** @throws ServiceError ValidationException */
export function writeActions(items: unknown): readonly TransactionAction[] {
  return actionsOf(items, writeKinds, 'TransactItems can only contain one of Check, Put, Update or Delete');
}

/** @throws ServiceError ValidationException */
export function getActions(items: unknown): readonly TransactionAction[] {
  return actionsOf(items, ['Get'], 'TransactItems can only contain Get');
}

function actionsOf(items: unknown, kinds: readonly ActionKind[], wrongKind: string): readonly TransactionAction[] {
  const list = (Array.isArray(items) ? items : []) as readonly TransactItem[];
  if (list.length < 1) throw invalidLength('greater than or equal to 1');
  if (list.length > mostItems) throw invalidLength(`less than or equal to ${mostItems}`);
  return list.map((item) => {
    const [[kind, input] = [], second] = Object.entries(item) as [ActionKind, ActionInput][];
    if (kind === undefined || input === undefined || second !== undefined || !kinds.includes(kind)) {
      throw invalid(wrongKind);
    }
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
