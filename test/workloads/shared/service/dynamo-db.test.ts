import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { transact } from '@stepkube/shared/events/transact.ts';
import { retryConflicts } from '@stepkube/shared/service/dynamo-db.ts';
import { expect, it } from 'vitest';
import { startTestCloud } from '#support/cloud.ts';

const TableName = 'usage';
const resources = {
  Usage: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    },
  },
};

it('a write that meets a transaction over the same item is repeated, a transaction that meets another one too', async () => {
  const test = await startTestCloud({ resources, faults: ['transaction-conflict:usage:2'] });
  const client = new DynamoDBClient({ ...test.client(), maxAttempts: 3 });
  retryConflicts(client);
  const dynamoDb = DynamoDBDocumentClient.from(client);
  await dynamoDb.send(new PutCommand({ TableName, Item: { pk: 'single' } }));
  expect(await transact(dynamoDb, [{ Put: { TableName, Item: { pk: 'transaction' } } }])).toBeUndefined();
  for (const pk of ['single', 'transaction'])
    expect((await dynamoDb.send(new GetCommand({ TableName, Key: { pk } }))).Item).toEqual({ pk });
  dynamoDb.destroy();
  await test.stop();
});

it('without a repetition the write is refused as DynamoDB refuses it', async () => {
  const test = await startTestCloud({ resources, faults: ['transaction-conflict:usage'] });
  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(test.client()));
  await expect(dynamoDb.send(new PutCommand({ TableName, Item: { pk: 'a' } }))).rejects.toMatchObject({
    name: 'TransactionConflictException',
  });
  dynamoDb.destroy();
  await test.stop();
});
