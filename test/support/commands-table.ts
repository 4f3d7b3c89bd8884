import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

/** The commands table on a DynamoDB emulator in this process, so that tests use real conditions. */
export interface CommandsTable {
  readonly endpoint: string;
  readonly name: string;
  /** Deletes every item. */
  clear(): Promise<void>;
  /** Names of the item's attributes; undefined if there is no item. */
  attributesOf(commandId: string): Promise<string[] | undefined>;
  stop(): Promise<void>;
}

export async function startCommandsTable(): Promise<CommandsTable> {
  const name = 'stepkube-commands';
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const send = client.send.bind(client); // the original: tests replace the class's own
  await send(
    new CreateTableCommand({
      TableName: name,
      AttributeDefinitions: [{ AttributeName: 'commandId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'commandId', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  return {
    endpoint,
    name,
    async clear() {
      const { Items = [] } = await send(new ScanCommand({ TableName: name, ProjectionExpression: 'commandId' }));
      for (const Key of Items) await send(new DeleteItemCommand({ TableName: name, Key }));
    },
    async attributesOf(commandId) {
      const query = new GetItemCommand({ TableName: name, Key: { commandId: { S: commandId } }, ConsistentRead: true });
      const { Item } = await send(query);
      return Item && Object.keys(Item).sort();
    },
    async stop() {
      client.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
