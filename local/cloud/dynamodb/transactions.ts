/**
 * Transactions on top of an engine that has none. The caller makes sure that nothing else runs meanwhile. Every action is tried,
 * so that the cancellation reasons are complete; when one cannot be done, the others are undone.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ServiceError } from '../service-error.ts';
import type { DynamoDbEngine } from './engine.ts';
import {
  type AttributeMap,
  getActions,
  invalid,
  permissionOf,
  type TransactionAction,
  writeActions,
} from './transaction-items.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html */
interface CancellationReason {
  readonly Code: 'None' | 'ConditionalCheckFailed' | 'ValidationError' | 'TransactionConflict';
  readonly Message?: string;
  readonly Item?: AttributeMap;
}

interface PreparedAction extends TransactionAction {
  readonly key: AttributeMap;
  /** The item before the transaction; undefined: there was none. */
  readonly before: AttributeMap | undefined;
}

const getItemOutput = z.object({ Item: z.record(z.string(), z.unknown()).optional() });

/** Messages of errors in the request itself: they fail the request, not only the transaction. */
const requestErrors =
  /^(\d+ validation error|Invalid |The expression can not be empty|ExpressionAttribute|Value provided in)/;

/** What a transaction gets that meets another writer of one of its items. @param isContended by table name */
export function checkConflicts(items: unknown, isContended: (tableName: string) => boolean): void {
  const contended = writeActions(items).map(({ input }) => isContended(input.TableName));
  if (!contended.includes(true)) return;
  const Message = 'Transaction is ongoing for the item';
  throw canceled(contended.map((is) => (is ? { Code: 'TransactionConflict', Message } : { Code: 'None' })));
}

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

/** @throws ServiceError ValidationException, ResourceNotFoundException */
export async function readTransaction(engine: DynamoDbEngine, items: unknown): Promise<readonly object[]> {
  return Promise.all(
    getActions(items).map(async ({ input }) => {
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
    prepared.push({ ...action, key, before: await readItem(engine, TableName, key) });
  }
  return prepared;
}

/** @returns undefined also for an invalid key, which the action itself will report */
async function readItem(
  engine: DynamoDbEngine,
  TableName: string,
  Key: AttributeMap,
): Promise<AttributeMap | undefined> {
  try {
    return getItemOutput.parse(await engine.call('GetItem', { TableName, Key, ConsistentRead: true })).Item;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ValidationException') return undefined;
    throw error;
  }
}

async function apply(engine: DynamoDbEngine, action: PreparedAction): Promise<CancellationReason> {
  const { ReturnValuesOnConditionCheckFailure: returnValues, ...input } = action.input;
  try {
    await engine.call(engineOperation(action), input);
    return { Code: 'None' };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === 'ConditionalCheckFailedException') {
      const returned = returnValues === 'ALL_OLD' && action.before !== undefined ? { Item: action.before } : {};
      return { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', ...returned };
    }
    if (error.code !== 'ValidationException' || requestErrors.test(error.message)) throw error;
    return { Code: 'ValidationError', Message: error.message };
  }
}

/** A ConditionCheck becomes a write that changes nothing: an update without an expression, or the deletion of no item. */
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
