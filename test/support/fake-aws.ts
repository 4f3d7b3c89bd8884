import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Secrets Manager and S3 over their protocols on loopback, as far as the `aws` of an instance uses them. */
export class FakeAws implements AsyncDisposable {
  /** Secret values by name; undefined: the secret exists without a value. */
  readonly secrets = new Map<string, string | undefined>();
  /** Objects by `bucket/key`. */
  readonly objects = new Map<string, { readonly body: Buffer; readonly contentType?: string }>();
  /** Names of the secrets and objects that were written, in order. */
  readonly writes: string[] = [];
  readonly #server = createServer((request, response) => {
    this.#respond(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  static async start(): Promise<FakeAws> {
    const aws = new FakeAws();
    aws.#server.listen(0, '127.0.0.1');
    await once(aws.#server, 'listening');
    return aws;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      const [status, output] = this.#callSecretsManager(target.split('.')[1] ?? '', JSON.parse(body.toString()));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(output));
      return;
    }
    this.#callS3(request, body, response);
  }

  #callSecretsManager(operation: string, input: { SecretId: string; SecretString?: string }): [number, object] {
    if (operation === 'PutSecretValue') {
      this.secrets.set(input.SecretId, input.SecretString);
      this.writes.push(input.SecretId);
      return [200, { Name: input.SecretId, VersionId: String(this.writes.length) }];
    }
    const SecretString = this.secrets.get(input.SecretId);
    if (SecretString === undefined) return [400, { __type: 'ResourceNotFoundException', message: 'no value' }];
    return [200, { Name: input.SecretId, SecretString }];
  }

  #callS3(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const key = decodeURIComponent(new URL(request.url ?? '/', 'http://fake').pathname.slice(1));
    if (request.method === 'PUT') {
      const contentType = request.headers['content-type'];
      this.objects.set(key, { body: plainBody(request, body), ...(contentType === undefined ? {} : { contentType }) });
      this.writes.push(key);
      response.end();
      return;
    }
    const found = this.objects.get(key);
    if (found !== undefined) response.end(found.body);
    else response.writeHead(404).end('<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>');
  }
}

/** Removes the SDK's aws-chunked framing: `<hex size>;...\r\n<bytes>\r\n` until size 0. */
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
