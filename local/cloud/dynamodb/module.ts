import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { type Operation, operation, parseInput } from '../operation.ts';
import { physicalName } from '../physical-name.ts';
import { provider } from '../resource.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { type DynamoDbEngine, startEngine } from './engine.ts';
import { createIdempotencyTokens } from './idempotency-tokens.ts';
import { createReadWriteLock } from './read-write-lock.ts';
import { getActions, permissionOf, writeActions } from './transaction-items.ts';
import { checkConflicts, readTransaction, writeTransaction } from './transactions.ts';

/** Operations that the engine has. */
const engineOperations = [
  'BatchGetItem',
  'BatchWriteItem',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
];

const singleWrites = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

const transactInput = z.object({ TransactItems: z.unknown().optional(), ClientRequestToken: z.string().optional() });
/** What a call touches, whatever its operation. */
const targetInput = z.object({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).default({}),
});
/** CreateTable takes these under the same names. */
const tableProperties = z.object({
  TableName: z.string().optional(),
  KeySchema: z.unknown(),
  AttributeDefinitions: z.unknown(),
  GlobalSecondaryIndexes: z.unknown().optional(),
  LocalSecondaryIndexes: z.unknown().optional(),
});

/** DynamoDB. Expired items stay: TTL deletes them within days, and no twin runs that long. */
export function createDynamoDbModule(core: CloudCore): CloudModule {
  let starting: Promise<DynamoDbEngine> | undefined;
  const engine = (): Promise<DynamoDbEngine> => {
    starting ??= startEngine();
    return starting;
  };
  // Nothing runs beside a transaction: no call may see a part of one.
  const lock = createReadWriteLock();
  const tokens = createIdempotencyTokens();
  const tableArn = (nameOrArn: string) =>
    nameOrArn.startsWith('arn:') ? nameOrArn : arnOf(core, 'dynamodb', `table/${nameOrArn}`);

  const isContended = (tableName: string) => core.context.faults.take('transaction-conflict', tableName);

  const forward =
    (operation: string): Operation =>
    (input) => {
      if (singleWrites.has(operation) && isContended(String(input['TableName'])))
        throw new ServiceError('TransactionConflictException', 'Transaction is ongoing for the item');
      return lock.shared(async () => (await engine()).call(operation, input));
    };

  const operations: Readonly<Record<string, Operation>> = {
    ...Object.fromEntries(engineOperations.map((name) => [name, forward(name)])),

    TransactWriteItems: operation(transactInput, ({ TransactItems, ClientRequestToken: token }) =>
      lock.exclusive(async () => {
        checkConflicts(TransactItems, isContended);
        if (tokens.wasExecuted(token, TransactItems)) return {};
        await writeTransaction(await engine(), TransactItems);
        tokens.add(token, TransactItems);
        return {};
      }),
    ),

    TransactGetItems: operation(transactInput, ({ TransactItems }) =>
      lock.exclusive(async () => ({ Responses: await readTransaction(await engine(), TransactItems) })),
    ),
  };

  const createTable = (type: string) =>
    provider(type, tableProperties, async ({ logicalId, properties: { TableName, ...properties } }) => {
      const tableName = TableName ?? physicalName(core.options.stackName, logicalId);
      const { call, describeTable } = await engine();
      await call('CreateTable', { TableName: tableName, BillingMode: 'PAY_PER_REQUEST', ...properties });
      while ((await describeTable(tableName)).TableStatus !== 'ACTIVE');
      return { ref: tableName, attributes: { Arn: tableArn(tableName) } };
    });

  return {
    services: [
      {
        name: 'dynamodb',
        operations,
        accessesOf: (operation, { TransactItems }) => {
          if (!operation.startsWith('Transact')) return undefined;
          const actions = operation === 'TransactGetItems' ? getActions(TransactItems) : writeActions(TransactItems);
          return actions.map(({ kind, input }) => ({
            action: `dynamodb:${permissionOf[kind]}`,
            resource: tableArn(input.TableName),
          }));
        },
        resourcesOf: (_operation, input) => {
          const { TableName, IndexName, RequestItems } = parseInput('dynamodb', targetInput, input);
          const tables = TableName === undefined ? Object.keys(RequestItems) : [TableName];
          return tables.map((table) => `${tableArn(table)}${IndexName === undefined ? '' : `/index/${IndexName}`}`);
        },
      },
    ],
    providers: [createTable('AWS::DynamoDB::Table'), createTable('AWS::DynamoDB::GlobalTable')],
    stop: async () => (await starting)?.stop(),
  };
}
