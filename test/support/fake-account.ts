import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { decide } from '#local/cloud/iam/decision.ts';
import { policyDocument, type Statement } from '#local/cloud/iam/policy-document.ts';
import { verifySignature } from './verify-signature.ts';

/** The error that AWS answers with. */
export interface Refusal {
  readonly error: string;
  /** @default 400 */
  readonly status?: number;
}

/** XML of the query protocols and of S3, or JSON. */
export type AccountAnswer = string | object | Refusal;

const secretAccessKey = 'secret';

/**
 * AWS endpoints of one account on loopback, for the command line: answers by IAM action, allows what a policy allows, and
 * demands right signatures.
 */
export class FakeAccount implements AsyncDisposable {
  readonly accountId = '123456789012';
  /** By action, such as `ec2:DescribeRegions`. */
  readonly answers = new Map<string, AccountAnswer>();
  /** `<action> in <region>`, in the order of the calls. */
  readonly calls: string[] = [];
  #statements: readonly Statement[] = [];
  #port = 0;
  readonly #server = createServer((request, response) => {
    this.#respond(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  static async start(): Promise<FakeAccount> {
    const account = new FakeAccount();
    account.#server.listen(0, '127.0.0.1');
    await once(account.#server, 'listening');
    account.#port = (account.#server.address() as AddressInfo).port;
    return account;
  }

  /** What the caller may do. */
  allow(policy: object): void {
    this.#statements = policyDocument.parse(policy);
  }

  /** Environment variables by which clients come here. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${this.#port}`,
      AWS_ACCESS_KEY_ID: 'AKIAFAKE',
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: 'session',
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const [, region, service] =
      /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    const action = `${service}:${operationOf(request, body)}`;
    this.calls.push(`${action} in ${region}`);
    const answer = this.#answer(action, `arn:aws:${service}:${region}:${this.accountId}:`, request, body);
    const isJson = request.headers['x-amz-target'] !== undefined;
    response.setHeader('content-type', isJson ? 'application/x-amz-json-1.1' : 'text/xml');
    if (typeof answer === 'object' && 'error' in answer) {
      const { error, status = 400 } = answer as Refusal;
      const message = `${error} of the test`;
      const xml = `<Code>${error}</Code><Message>${message}</Message>`;
      const ec2 = `<Response><Errors><Error>${xml}</Error></Errors><RequestID>1</RequestID></Response>`;
      const others = `<ErrorResponse><Error>${xml}</Error></ErrorResponse>`;
      const json = JSON.stringify({ __type: `com.amazonaws#${error}`, message });
      response.writeHead(status).end(isJson ? json : service === 'ec2' ? ec2 : others);
      return;
    }
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  }

  #answer(action: string, arnPrefix: string, request: IncomingMessage, body: Buffer): AccountAnswer {
    if (!verifySignature(request, body, secretAccessKey)) return { error: 'SignatureDoesNotMatch', status: 403 };
    const resource = resourceOf(action, arnPrefix, body);
    const access = { action, ...(resource === undefined ? {} : { resource }), context: {} };
    // Everybody may ask who they are.
    if (action !== 'sts:GetCallerIdentity' && decide(this.#statements, access) !== 'allowed') {
      return { error: action.startsWith('ec2:') ? 'UnauthorizedOperation' : 'AccessDeniedException', status: 403 };
    }
    return this.answers.get(action) ?? { error: 'InternalFailure', status: 400 };
  }
}

function operationOf(request: IncomingMessage, body: Buffer): string {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.')[1] ?? '';
  if (request.url === '/v20180820/configuration/publicAccessBlock') return 'GetAccountPublicAccessBlock';
  return new URLSearchParams(body.toString()).get('Action') ?? '';
}

/** The resource that IAM checks; none where the action knows no narrower one than `*`. */
function resourceOf(action: string, arnPrefix: string, body: Buffer): string | undefined {
  const input = () => JSON.parse(body.toString()) as Readonly<Record<string, string>>;
  if (action.startsWith('kms:')) return input()['KeyId'];
  if (action.startsWith('acm:')) return input()['CertificateArn'];
  if (action.startsWith('ssm:')) return `${arnPrefix}parameter${input()['Name']}`;
  if (action.startsWith('secretsmanager:')) return `${arnPrefix}secret:${input()['SecretId']}`;
  return undefined;
}
