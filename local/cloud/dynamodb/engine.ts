/** dynalite as the storage engine: it evaluates expressions and keys; who may call what is checked before. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { ServiceError } from '../service-error.ts';
import { checkExpressions } from './expression-limits.ts';

export interface DynamoDbEngine {
  /** @throws ServiceError with DynamoDB's code */
  call(operation: string, input: object): Promise<Record<string, unknown>>;
  /** @throws ServiceError ResourceNotFoundException */
  describeTable(tableName: string): Promise<TableDescription>;
  /** Names of a table's key attributes. @throws ServiceError ResourceNotFoundException */
  keyNames(tableName: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const describeTableOutput = z.object({
  Table: z.object({ TableStatus: z.string(), KeySchema: z.array(z.object({ AttributeName: z.string() })) }),
});
const errorOutput = z.object({
  __type: z.string(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

export type TableDescription = z.output<typeof describeTableOutput>['Table'];

const callTimeoutMilliseconds = 10_000;
/** dynalite requires a signature and does not verify it. */
const authorization =
  'AWS4-HMAC-SHA256 Credential=twin/20260101/twin/dynamodb/aws4_request, SignedHeaders=host, Signature=0';

/**
 * On a socket in a folder that only this user may enter: dynalite answers every caller without a look at its keys, web pages in any
 * browser included, and the tables hold task tokens.
 */
export async function startEngine(): Promise<DynamoDbEngine> {
  // Loaded here, so that a template without tables does not wait for it.
  const { default: dynalite } = await import('dynalite');
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const folder = await mkdtemp(join(tmpdir(), 'stepkube-dynamodb-'));
  const socketPath = join(folder, 'socket');
  server.listen(socketPath);
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true });
  const keyNames = new Map<string, readonly string[]>();
  const pending = new Set<Promise<unknown>>();

  function call(operation: string, input: object): Promise<Record<string, unknown>> {
    const result = send({ socketPath, agent }, operation, input);
    const settled = result.catch(() => undefined).finally(() => pending.delete(settled));
    pending.add(settled);
    return result;
  }

  async function describeTable(TableName: string): Promise<TableDescription> {
    return describeTableOutput.parse(await call('DescribeTable', { TableName })).Table;
  }

  return {
    call,
    describeTable,
    async keyNames(tableName) {
      const known = keyNames.get(tableName);
      if (known !== undefined) return known;
      const { KeySchema } = await describeTable(tableName);
      const names = KeySchema.map(({ AttributeName }) => AttributeName);
      keyNames.set(tableName, names);
      return names;
    },
    async stop() {
      // dynalite closes its database at once: a call that it still works on would crash the process.
      await Promise.all(pending);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      agent.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function send(
  { socketPath, agent }: { readonly socketPath: string; readonly agent: Agent },
  operation: string,
  input: object,
): Promise<Record<string, unknown>> {
  checkExpressions(input);
  const sent = request({
    socketPath,
    agent,
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization,
    },
    signal: AbortSignal.timeout(callTimeoutMilliseconds),
  }).end(JSON.stringify(input));
  const [response] = await once(sent, 'response');
  const output = await json(response);
  if (response.statusCode === 200) return z.record(z.string(), z.unknown()).parse(output);
  const { __type: type, message, Message } = errorOutput.parse(output);
  throw new ServiceError(type.split('#').at(-1)!, message ?? Message ?? '', response.statusCode);
}
