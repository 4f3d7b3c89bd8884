import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { startTestCloud } from '#support/cloud.ts';

export interface NotificationLogCloud extends AsyncDisposable {
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly table: string;
  /** polybot's environment for this table. */
  readonly environment: Readonly<Record<string, string>>;
  /** Pictures in each counter of a sender and a month. */
  monthCounts(): Promise<readonly number[]>;
  /** Sets each counter of a sender and a month. */
  fillMonth(pictures: number): Promise<void>;
  /** Leaves what a pod leaves that is lost while it sends the job's answer, a minute ago. */
  leaveClaim(jobId: string): Promise<void>;
  /** Deletes every item. */
  clear(): Promise<void>;
}

/** polybot's notification log in the twin's DynamoDB. */
export async function startNotificationLogCloud(): Promise<NotificationLogCloud> {
  const table = 'test-polybot';
  const test = await startTestCloud({
    resources: {
      NotificationLog: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: table,
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        },
      },
    },
  });
  const { endpoint, credentials } = test.client();
  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(test.client()));
  return {
    dynamoDb,
    table,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      NOTIFICATION_LOG_TABLE: table,
    },
    async monthCounts() {
      const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
      return Items.filter(({ pk }) => String(pk).startsWith('month#')).map(({ pictures }) => Number(pictures));
    },
    async fillMonth(pictures) {
      const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
      for (const item of Items.filter(({ pk }) => String(pk).startsWith('month#')))
        await dynamoDb.send(new PutCommand({ TableName: table, Item: { ...item, pictures } }));
    },
    async leaveClaim(jobId) {
      const claimedUntil = Date.now() / 1000 - 60;
      const Item = { pk: `job#${jobId}`, claimer: 'lost', claimed: 3, claimedUntil, hasAnswer: true };
      await dynamoDb.send(new PutCommand({ TableName: table, Item }));
    },
    async clear() {
      const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: table }));
      for (const { pk } of Items) await dynamoDb.send(new DeleteCommand({ TableName: table, Key: { pk } }));
    },
    async [Symbol.asyncDispose]() {
      dynamoDb.destroy();
      await test.stop();
    },
  };
}
