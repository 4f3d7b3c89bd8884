import { physicalName } from '../physical-name.ts';
import type { CloudCore, CloudModule, Operation, TemplateResource } from '../service.ts';
import { type DynamoDbEngine, startEngine } from './engine.ts';
import { createExclusion } from './exclusion.ts';
import { getActions, permissionOf, writeActions } from './transaction-items.ts';
import { createTransactionTokens } from './transaction-tokens.ts';
import { readTransaction, writeTransaction } from './transactions.ts';

const operationNames = [
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
] as const;

/** Table properties that CreateTable takes under the same name. */
const tableProperties = [
  'KeySchema',
  'AttributeDefinitions',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
] as const;

/** DynamoDB. Expired items stay: TTL deletes within days, which no run of the twin lasts. */
export function createDynamoDbModule(core: CloudCore): CloudModule {
  let starting: Promise<DynamoDbEngine> | undefined;
  const engine = (): Promise<DynamoDbEngine> => {
    starting ??= startEngine(core.context.network.cloudAddress);
    return starting;
  };
  const exclusion = createExclusion();
  const tokens = createTransactionTokens();
  const forward =
    (operation: string): Operation =>
    (input) =>
      exclusion.shared(async () => (await engine()).call(operation, input));
  const transactWriteItems: Operation = ({ TransactItems, ClientRequestToken: token }) =>
    exclusion.alone(async () => {
      if (tokens.isDone(token, TransactItems)) return {};
      await writeTransaction(await engine(), TransactItems);
      tokens.done(token, TransactItems);
      return {};
    });
  const transactGetItems: Operation = ({ TransactItems }) =>
    exclusion.alone(async () => ({ Responses: await readTransaction(await engine(), TransactItems) }));
  const arnOf = (tableName: string) => `arn:aws:dynamodb:${core.region}:${core.accountId}:table/${tableName}`;
  const tableArn = (nameOrArn: string) => (nameOrArn.startsWith('arn:') ? nameOrArn : arnOf(nameOrArn));

  async function createTable({ logicalId, properties }: TemplateResource) {
    const TableName: string = properties.TableName ?? physicalName(core.options.stackName, logicalId);
    const { call } = await engine();
    const described = Object.fromEntries(
      tableProperties.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
    );
    await call('CreateTable', { TableName, BillingMode: 'PAY_PER_REQUEST', ...described });
    for (;;) {
      const { Table } = await call('DescribeTable', { TableName });
      if ((Table as { TableStatus: string }).TableStatus === 'ACTIVE') break;
    }
    return { ref: TableName, attributes: { Arn: arnOf(TableName) } };
  }

  return {
    services: [
      {
        name: 'dynamodb',
        operations: {
          ...Object.fromEntries(operationNames.map((name) => [name, forward(name)])),
          TransactGetItems: transactGetItems,
          TransactWriteItems: transactWriteItems,
        },
        accessesOf: (operation, { TransactItems }) => {
          if (!operation.startsWith('Transact')) return undefined;
          const actions = operation === 'TransactGetItems' ? getActions(TransactItems) : writeActions(TransactItems);
          return actions.map(({ kind, input }) => ({
            action: `dynamodb:${permissionOf[kind]}`,
            resource: tableArn(input.TableName),
          }));
        },
        resourcesOf: (_operation, input) => {
          const batch = Object.keys((input['RequestItems'] as object | undefined) ?? {});
          const tables = input['TableName'] === undefined ? batch : [String(input['TableName'])];
          const index = input['IndexName'] === undefined ? '' : `/index/${input['IndexName']}`;
          return tables.map((table) => tableArn(table) + index);
        },
      },
    ],
    providers: [
      { type: 'AWS::DynamoDB::Table', create: createTable },
      { type: 'AWS::DynamoDB::GlobalTable', create: createTable },
    ],
    stop: async () => (await starting)?.stop(),
  };
}
