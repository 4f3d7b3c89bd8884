/** dynalite as the engine behind the front: it knows expressions, keys and capacities, the front knows who may call. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { ServiceError } from '../service.ts';

export interface DynamoDbEngine {
  /** @throws ServiceError with DynamoDB's code */
  call(operation: string, input: object): Promise<Record<string, unknown>>;
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
  return {
    async call(operation, input) {
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
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
