/** Secrets Manager and S3, just enough for the `aws` of an instance: state in two maps. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeAws {
  readonly endpoint: string;
  /** Secret values by name; undefined: the secret exists without a value. */
  readonly secrets: Map<string, string | undefined>;
  /** Objects by `bucket/key`. */
  readonly objects: Map<string, { readonly body: Buffer; readonly contentType?: string }>;
  /** Names of the secrets and objects that were written, in order. */
  readonly writes: string[];
  stop(): Promise<void>;
}

export async function startFakeAws(): Promise<FakeAws> {
  const secrets: FakeAws['secrets'] = new Map();
  const objects: FakeAws['objects'] = new Map();
  const writes: string[] = [];

  function secretCall(operation: string, input: { SecretId: string; SecretString?: string }): [number, object] {
    if (operation === 'PutSecretValue') {
      secrets.set(input.SecretId, input.SecretString);
      writes.push(input.SecretId);
      return [200, { Name: input.SecretId, VersionId: String(writes.length) }];
    }
    const SecretString = secrets.get(input.SecretId);
    if (SecretString === undefined) return [400, { __type: 'ResourceNotFoundException', message: 'no value' }];
    return [200, { Name: input.SecretId, SecretString }];
  }

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      const [status, answer] = secretCall(target.split('.')[1] ?? '', JSON.parse(body.toString('utf8')));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
      return;
    }
    const key = decodeURIComponent(new URL(request.url ?? '/', 'http://fake').pathname.slice(1));
    if (request.method === 'PUT') {
      const contentType = request.headers['content-type'];
      objects.set(key, { body: plainBody(request, body), ...(contentType === undefined ? {} : { contentType }) });
      writes.push(key);
      response.end();
      return;
    }
    const found = objects.get(key);
    if (found === undefined)
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>');
    else response.end(found.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets,
    objects,
    writes,
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Undoes the SDK's aws-chunked framing: `<hex size>;...\r\n<bytes>\r\n` until size 0. */
function plainBody(request: IncomingMessage, body: Buffer): Buffer {
  if (!String(request.headers['content-encoding'] ?? '').includes('aws-chunked')) return body;
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const lineEnd = body.indexOf('\r\n', offset);
    const size = Number.parseInt(body.toString('latin1', offset, lineEnd), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    offset = lineEnd + 2 + size + 2;
  }
}
