import { physicalName } from '../physical-name.ts';
import type { CloudCore, CloudModule, Operation, TemplateResource } from '../service.ts';
import { type DynamoDbEngine, startEngine } from './engine.ts';

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
  const forward =
    (operation: string): Operation =>
    async (input) =>
      (await engine()).call(operation, input);
  const arnOf = (tableName: string) => `arn:aws:dynamodb:${core.region}:${core.accountId}:table/${tableName}`;

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
        operations: Object.fromEntries(operationNames.map((name) => [name, forward(name)])),
        resourcesOf: (_operation, input) => {
          const batch = Object.keys((input['RequestItems'] as object | undefined) ?? {});
          const tables = input['TableName'] === undefined ? batch : [String(input['TableName'])];
          const index = input['IndexName'] === undefined ? '' : `/index/${input['IndexName']}`;
          return tables.map((table) => (table.startsWith('arn:') ? table : arnOf(table)) + index);
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
