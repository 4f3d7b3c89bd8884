import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

/** The twin's cloud with the resources of an event consumer: a queue, its dead letters, and a table. */
export interface EventsCloud extends AsyncDisposable {
  readonly test: TestCloud;
  readonly table: string;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly queueUrl: string;
  /** A consumer's environment for these resources. */
  readonly environment: Readonly<Record<string, string>>;
  /** Every item of the table, sorted by its keys. */
  items(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export async function startEventsCloud(options: { readonly visibilitySeconds?: number } = {}): Promise<EventsCloud> {
  const table = 'test-events';
  const test = await startTestCloud({
    resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: table,
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'S' },
          ],
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
        },
      },
      Events: {
        Type: 'AWS::SQS::Queue',
        Properties: { QueueName: table, VisibilityTimeout: options.visibilitySeconds ?? 60 },
      },
      DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: `${table}-dead-letters` } },
    },
  });
  const dynamoDb = DynamoDBDocumentClient.from(new DynamoDBClient(test.client()));
  const { endpoint, region, credentials } = test.client();
  const sqs = new SQSClient(test.client());
  const { QueueUrl: queueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: table }));
  sqs.destroy();
  return {
    test,
    table,
    dynamoDb,
    queueUrl,
    environment: {
      AWS_REGION: region,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
      PORT: '0',
      INTERNAL_PORT: '0',
      EVENTS_QUEUE_URL: queueUrl,
      EVENTS_DEAD_LETTER_QUEUE_URL: `${queueUrl}-dead-letters`,
      EVENTS_TABLE: table,
      RETENTION_DAYS: '14',
      PLAN: 'plus',
    },
    async items() {
      const items: Record<string, unknown>[] = [];
      let start: Record<string, unknown> | undefined;
      do {
        const page = await dynamoDb.send(
          new ScanCommand({ TableName: table, ...(start === undefined ? {} : { ExclusiveStartKey: start }) }),
        );
        items.push(...(page.Items ?? []).map(sortKeys));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return items.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    },
    async [Symbol.asyncDispose]() {
      dynamoDb.destroy();
      await test.stop();
    },
  };
}

/** The order of an item's attributes has no meaning, but would differ in its JSON text. */
const sortKeys = (item: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(item)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, isMap(value) ? sortKeys(value) : value]),
  );

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keyOf = ({ pk, sk }: Readonly<Record<string, unknown>>) => `${pk} ${sk}`;
