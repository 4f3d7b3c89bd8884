import { randomUUID } from 'node:crypto';
import { DynamoDBClient, type TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactGetCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { roleResource, startTestCloud, type TestCloud } from '#support/cloud.ts';

type Items = NonNullable<TransactWriteCommandInput['TransactItems']>;

const TableName = 'usage';
let test: TestCloud;
let table: DynamoDBDocumentClient;
/** Every test has a partition of its own. */
let pk: string;

const tableArn = { 'Fn::GetAtt': ['Usage', 'Arn'] };

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Usage: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'S' },
          ],
        },
      },
      Counter: roleResource('counter', [
        { Effect: 'Allow', Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], Resource: tableArn },
      ]),
    },
  });
  table = DynamoDBDocumentClient.from(new DynamoDBClient(test.client()));
});

beforeEach(() => {
  pk = randomUUID();
});

afterAll(async () => {
  table.destroy();
  await test.stop();
});

const write = (TransactItems: Items, ClientRequestToken?: string) =>
  table.send(new TransactWriteCommand({ TransactItems, ...(ClientRequestToken ? { ClientRequestToken } : {}) }));

const reasonsOf = (items: Items) =>
  write(items).then(
    () => undefined,
    (error: TransactionCanceledException) => ({ name: error.name, reasons: error.CancellationReasons }),
  );

const putOnce = (sk: string) => ({
  Put: { TableName, Item: { pk, sk }, ConditionExpression: 'attribute_not_exists(pk)' },
});
const add = (sk: string, count: number) => ({
  Update: {
    TableName,
    Key: { pk, sk },
    UpdateExpression: 'ADD pictures :count',
    ExpressionAttributeValues: { ':count': count },
  },
});
const check = (sk: string, ConditionExpression: string) => ({
  ConditionCheck: { TableName, Key: { pk, sk }, ConditionExpression },
});

async function stored() {
  const { Items: items } = await table.send(
    new QueryCommand({ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }),
  );
  return items?.map(({ pk: _pk, ...rest }) => rest);
}

describe('TransactWriteItems', () => {
  it('TransactWriteItems puts, updates, deletes and checks items in one transaction', async () => {
    await table.send(new PutCommand({ TableName, Item: { pk, sk: 'old' } }));
    await write([
      putOnce('event'),
      add('day', 2),
      { Delete: { TableName, Key: { pk, sk: 'old' } } },
      check('forgotten', 'attribute_not_exists(pk)'),
    ]);

    expect(await stored()).toEqual([{ sk: 'day', pictures: 2 }, { sk: 'event' }]);
  });

  it('TransactWriteItems changes nothing when a condition fails and lists the reasons in the order of the items', async () => {
    await write([putOnce('event'), add('day', 2)]);

    expect(await reasonsOf([add('day', 5), putOnce('event'), putOnce('other')])).toEqual({
      name: 'TransactionCanceledException',
      reasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
        { Code: 'None' },
      ],
    });
    expect(await stored()).toEqual([{ sk: 'day', pictures: 2 }, { sk: 'event' }]);
  });

  it('ConditionCheck creates no item', async () => {
    expect(await reasonsOf([check('a', 'attribute_exists(pk)')])).toMatchObject({
      reasons: [{ Code: 'ConditionalCheckFailed' }],
    });
    await write([check('a', 'attribute_not_exists(pk)')]);
    await write([add('a', 1)]);
    await write([check('a', 'attribute_exists(pictures)')]);

    expect(await stored()).toEqual([{ sk: 'a', pictures: 1 }]);
  });

  it('ReturnValuesOnConditionCheckFailure ALL_OLD returns the item that failed its condition', async () => {
    await write([add('day', 3)]);
    const failing = { ...putOnce('day').Put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };

    expect(await reasonsOf([{ Put: failing }])).toMatchObject({
      reasons: [{ Code: 'ConditionalCheckFailed', Item: { pictures: { N: '3' } } }],
    });
  });

  it('TransactWriteItems undoes its writes when an update does not fit the type of an attribute', async () => {
    await table.send(new PutCommand({ TableName, Item: { pk, sk: 'text', pictures: 'three' } }));

    expect(await reasonsOf([add('day', 1), add('text', 1)])).toMatchObject({
      name: 'TransactionCanceledException',
      reasons: [{ Code: 'None' }, { Code: 'ValidationError', Message: expect.stringContaining('incorrect data type') }],
    });
    expect(await stored()).toEqual([{ sk: 'text', pictures: 'three' }]);
  });

  it('concurrent transactions count exactly and readers never see a part of one', async () => {
    const writes = Array.from({ length: 20 }, (_, n) => write([putOnce(`event-${n % 10}`), add('day', 1)]));
    const reads = Array.from({ length: 20 }, () => stored());
    const outcomes = await Promise.allSettled(writes);
    for (const items of await Promise.all(reads)) {
      const day = items?.find(({ sk }) => sk === 'day');
      expect((items?.length ?? 0) - (day === undefined ? 0 : 1)).toBe(day?.['pictures'] ?? 0);
    }

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    const { Item } = await table.send(new GetCommand({ TableName, Key: { pk, sk: 'day' } }));
    expect(Item).toMatchObject({ pictures: 10 });
  });

  it('TransactWriteItems executes a ClientRequestToken once and refuses it for another request', async () => {
    const token = randomUUID();
    await write([add('day', 1)], token);
    await write([add('day', 1)], token);

    expect(await stored()).toEqual([{ sk: 'day', pictures: 1 }]);
    await expect(write([add('day', 2)], token)).rejects.toMatchObject({
      name: 'IdempotentParameterMismatchException',
    });
  });

  it('TransactWriteItems refuses an empty, too long or malformed list of items', async () => {
    const invalid = (message: string) => ({ name: 'ValidationException', message: expect.stringContaining(message) });

    await expect(write([])).rejects.toMatchObject(invalid('greater than or equal to 1'));
    await expect(write(Array.from({ length: 101 }, (_, n) => putOnce(`${n}`)))).rejects.toMatchObject(
      invalid('less than or equal to 100'),
    );
    await expect(write([putOnce('a'), add('a', 1)])).rejects.toMatchObject(
      invalid('cannot include multiple operations on one item'),
    );
    await expect(write([{ ...putOnce('a'), ...add('b', 1) }])).rejects.toMatchObject(invalid('only contain one of'));
    await expect(write([putOnce('a'), check('b', 'no condition')])).rejects.toMatchObject(invalid('Invalid Condition'));
    expect(await stored()).toEqual([]);
  });

  it('TransactWriteItems needs the IAM permission of each of its actions', async () => {
    const counter = new DynamoDBClient(test.client(await test.assumeRole('counter')));
    const asCounter = (TransactItems: Items) =>
      DynamoDBDocumentClient.from(counter).send(new TransactWriteCommand({ TransactItems }));

    await asCounter([putOnce('event'), add('day', 1)]);
    await expect(asCounter([add('day', 1), check('day', 'attribute_exists(pk)')])).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:ConditionCheckItem on resource: arn:aws:dynamodb:us-east-1'),
    });
    expect(await stored()).toEqual([{ sk: 'day', pictures: 1 }, { sk: 'event' }]);
  });
});

describe('TransactGetItems', () => {
  it('TransactGetItems returns the items in the order of the request, with an empty entry for a missing one', async () => {
    await write([add('day', 4)]);
    const get = (sk: string) => ({ Get: { TableName, Key: { pk, sk } } });
    const { Responses } = await table.send(new TransactGetCommand({ TransactItems: [get('none'), get('day')] }));

    expect(Responses).toEqual([{}, { Item: { pk, sk: 'day', pictures: 4 } }]);
  });
});
