/**
 * Transactions over an engine that has none. The caller lets nothing else run meanwhile; every action is tried, so that the
 * reasons of a cancelled transaction are complete, and what was changed is put back when one of them cannot be done.
 */
import { isDeepStrictEqual } from 'node:util';
import { ServiceError } from '../service.ts';
import type { DynamoDbEngine } from './engine.ts';
import {
  type AttributeMap,
  getActions,
  invalid,
  permissionOf,
  type TransactionAction,
  writeActions,
} from './transaction-items.ts';

interface CancellationReason {
  readonly Code: 'None' | 'ConditionalCheckFailed' | 'ValidationError';
  readonly Message?: string;
  readonly Item?: AttributeMap;
}

interface PreparedAction extends TransactionAction {
  readonly key: AttributeMap;
  readonly before: AttributeMap | undefined;
}

/** Errors of the request's own form: no item need be looked at to find them. */
const malformed =
  /^(\d+ validation error|Invalid |The expression can not be empty|ExpressionAttribute|Value provided in)/;

/** @throws ServiceError TransactionCanceledException, ValidationException, ResourceNotFoundException */
export async function writeTransaction(engine: DynamoDbEngine, items: unknown): Promise<void> {
  const prepared = await prepare(engine, writeActions(items));
  const reasons: CancellationReason[] = [];
  const applied: PreparedAction[] = [];
  try {
    for (const action of prepared) {
      const reason = await apply(engine, action);
      reasons.push(reason);
      if (reason.Code === 'None') applied.push(action);
    }
  } catch (error) {
    await undo(engine, applied);
    throw error;
  }
  if (applied.length === prepared.length) return;
  await undo(engine, applied);
  throw canceled(reasons);
}

/** @throws ServiceError TransactionCanceledException, ValidationException, ResourceNotFoundException */
export async function readTransaction(engine: DynamoDbEngine, items: unknown): Promise<readonly object[]> {
  const actions = getActions(items);
  return Promise.all(
    actions.map(async ({ input }) => {
      const { Item } = await engine.call('GetItem', { ...input, ConsistentRead: true });
      return Item === undefined ? {} : { Item };
    }),
  );
}

async function prepare(
  engine: DynamoDbEngine,
  actions: readonly TransactionAction[],
): Promise<readonly PreparedAction[]> {
  const prepared: PreparedAction[] = [];
  for (const action of actions) {
    const { TableName, Key, Item } = action.input;
    const key = Key ?? pick(Item ?? {}, await engine.keyNames(TableName));
    if (prepared.some((other) => other.input.TableName === TableName && isDeepStrictEqual(other.key, key))) {
      throw invalid('Transaction request cannot include multiple operations on one item');
    }
    prepared.push({ ...action, key, before: await itemAt(engine, TableName, key) });
  }
  return prepared;
}

/** @returns undefined also for a key of the wrong form, which the action itself will report */
async function itemAt(engine: DynamoDbEngine, TableName: string, Key: AttributeMap): Promise<AttributeMap | undefined> {
  try {
    const { Item } = await engine.call('GetItem', { TableName, Key, ConsistentRead: true });
    return Item as AttributeMap | undefined;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ValidationException') return undefined;
    throw error;
  }
}

async function apply(engine: DynamoDbEngine, action: PreparedAction): Promise<CancellationReason> {
  const { ReturnValuesOnConditionCheckFailure: returned, ...input } = action.input;
  try {
    await engine.call(engineOperation(action), input);
    return { Code: 'None' };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === 'ConditionalCheckFailedException') {
      const shown = returned === 'ALL_OLD' && action.before !== undefined ? { Item: action.before } : {};
      return { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...shown };
    }
    if (error.code !== 'ValidationException' || malformed.test(error.message)) throw error;
    return { Code: 'ValidationError', Message: error.message };
  }
}

/** A check is a write that changes nothing: an update without an expression, or the deletion of what is not there. */
function engineOperation({ kind, before }: PreparedAction): string {
  if (kind !== 'ConditionCheck') return permissionOf[kind];
  return before === undefined ? 'DeleteItem' : 'UpdateItem';
}

async function undo(engine: DynamoDbEngine, applied: readonly PreparedAction[]): Promise<void> {
  for (const { key, before, input } of applied) {
    const { TableName } = input;
    if (before === undefined) await engine.call('DeleteItem', { TableName, Key: key });
    else await engine.call('PutItem', { TableName, Item: before });
  }
}

function canceled(reasons: readonly CancellationReason[]): ServiceError {
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new ServiceError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    400,
    { CancellationReasons: reasons },
  );
}

function pick(item: AttributeMap, names: readonly string[]): AttributeMap {
  return Object.fromEntries(names.filter((name) => name in item).map((name) => [name, item[name]]));
}
