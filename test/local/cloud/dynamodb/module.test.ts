import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

const TableName = 'commands';
let test: TestCloud;
let table: DynamoDBDocumentClient;

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Commands: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'commandId', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'commandId', AttributeType: 'S' }],
          TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      },
    },
    template: { Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Commands', 'Arn'] } } } },
  });
  table = DynamoDBDocumentClient.from(new DynamoDBClient(test.client()));
});

afterAll(async () => {
  table.destroy();
  await test.stop();
});

describe('AWS::DynamoDB::Table', () => {
  it('a DynamoDB table of the template stores items and has an ARN', async () => {
    await table.send(new PutCommand({ TableName, Item: { commandId: 'c-1', taskToken: 'token', attempts: 1 } }));
    const { Item } = await table.send(new GetCommand({ TableName, Key: { commandId: 'c-1' } }));

    expect(Item).toEqual({ commandId: 'c-1', taskToken: 'token', attempts: 1 });
    expect(test.cloud.outputs['Arn']).toBe('arn:aws:dynamodb:us-east-1:111122223333:table/commands');
  });

  it('UpdateItem creates the item while its condition holds and fails when it does not', async () => {
    const update = () =>
      table.send(
        new UpdateCommand({
          TableName,
          Key: { commandId: 'c-2' },
          UpdateExpression: 'SET #status = :status',
          ConditionExpression: 'attribute_not_exists(#status)',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':status': 'Success' },
          ReturnValues: 'ALL_NEW',
        }),
      );
    const { Attributes } = await update();

    expect(Attributes).toEqual({ commandId: 'c-2', status: 'Success' });
    await expect(update()).rejects.toBeInstanceOf(ConditionalCheckFailedException);
  });

  it('Scan returns only the items that its filter selects', async () => {
    await table.send(new PutCommand({ TableName, Item: { commandId: 'c-3', sentAtSeconds: 5 } }));
    const { Items } = await table.send(
      new ScanCommand({
        TableName,
        FilterExpression: 'sentAtSeconds < :limit',
        ExpressionAttributeValues: { ':limit': 10 },
      }),
    );

    expect(Items?.map(({ commandId }) => commandId)).toEqual(['c-3']);
  });
});
