/** dynalite as the engine behind the front: it knows expressions, keys and capacities, the front knows who may call. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { ServiceError } from '../service.ts';

export interface DynamoDbEngine {
  /** @throws ServiceError with DynamoDB's code */
  call(operation: string, input: object): Promise<Record<string, unknown>>;
  /** Names of a table's key attributes. @throws ServiceError ResourceNotFoundException */
  keyNames(tableName: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const callTimeoutMilliseconds = 10_000;
/** dynalite wants a signature of the right form and does not verify it. */
const authorization =
  'AWS4-HMAC-SHA256 Credential=twin/20260101/twin/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

export async function startEngine(address: string): Promise<DynamoDbEngine> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  server.listen(0, address);
  await once(server, 'listening');
  const url = `http://${address}:${(server.address() as AddressInfo).port}/`;
  const keyNames = new Map<string, readonly string[]>();
  const underWay = new Set<Promise<unknown>>();
  function call(operation: string, input: object): Promise<Record<string, unknown>> {
    const answer = send(operation, input);
    const settled = answer.catch(() => undefined).finally(() => underWay.delete(settled));
    underWay.add(settled);
    return answer;
  }
  async function send(operation: string, input: object): Promise<Record<string, unknown>> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20260101T000000Z',
        authorization,
      },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(callTimeoutMilliseconds),
    });
    const output = (await response.json()) as Record<string, unknown>;
    if (response.ok) return output;
    const code = String(output['__type']).split('#').at(-1)!;
    throw new ServiceError(code, String(output['message'] ?? output['Message'] ?? ''), response.status);
  }
  return {
    call,
    async keyNames(TableName) {
      const known = keyNames.get(TableName);
      if (known !== undefined) return known;
      const { Table } = await call('DescribeTable', { TableName });
      const { KeySchema } = Table as { readonly KeySchema: readonly { readonly AttributeName: string }[] };
      const names = KeySchema.map(({ AttributeName }) => AttributeName);
      keyNames.set(TableName, names);
      return names;
    },
    async stop() {
      // dynalite closes its database at once: a call it still works on would bring the process down.
      await Promise.all(underWay);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
