import type { STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';

/** A request to a service of which no client is installed: each would be megabytes for one operation. */
export interface SignedRequest {
  /** As the signature names it. */
  readonly service: string;
  readonly region: string;
  readonly host: string;
  /** GET without a body, POST with one. */
  readonly body?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** AWS refused. Its name is the error's code, as in the SDK's own errors. */
export class AwsCallError extends Error {
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(code: string, message: string, httpStatusCode: number) {
    super(message);
    this.name = code;
    this.$metadata = { httpStatusCode };
  }
}

const timeoutMilliseconds = 10_000;
const attempts = 3;
const secondsBetween = 0.3;

/** Calls AWS with the credentials of an SDK client, repeating what fails on AWS's side. @returns the answer's body */
export async function signedCall(client: STSClient, request: SignedRequest, signal: AbortSignal): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(client, request, signal);
    const text = await response.text();
    if (response.ok) return text;
    const isTemporary = response.status >= 500 || response.status === 429;
    if (!isTemporary || attempt === attempts) throw refusal(response, text);
    await new Promise((resolve) => setTimeout(resolve, attempt * secondsBetween * 1000));
  }
}

/** An operation of a service that speaks AWS's JSON protocol. @param target `<service's version>.<Operation>` */
export async function jsonCall(
  client: STSClient,
  request: Omit<SignedRequest, 'body' | 'headers'> & { readonly target: string; readonly version: '1.0' | '1.1' },
  input: object,
  signal: AbortSignal,
): Promise<unknown> {
  const { target, version, ...rest } = request;
  const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target };
  return JSON.parse(await signedCall(client, { ...rest, headers, body: JSON.stringify(input) }, signal));
}

async function send(client: STSClient, request: SignedRequest, signal: AbortSignal): Promise<Response> {
  const { credentials, sha256 } = client.config;
  const { service, region, host, path = '/', body } = request;
  // The variable that the SDK's clients know, too: an endpoint of a test's own.
  const url = new URL(path, process.env['AWS_ENDPOINT_URL'] ?? `https://${host}`);
  const signed = await new SignatureV4({ credentials, sha256, service, region }).sign({
    method: body === undefined ? 'GET' : 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: {},
    headers: { ...request.headers, host: url.host },
    ...(body === undefined ? {} : { body }),
  });
  const { host: _host, ...headers } = signed.headers;
  return fetch(url, {
    method: signed.method,
    headers,
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]),
  });
}

/** Services answer in JSON with `__type`, or in XML with `Code`; the header comes before both. */
function refusal(response: Response, text: string): AwsCallError {
  const [, xmlCode] = /<Code>([^<]+)<\/Code>/.exec(text) ?? [];
  const [, xmlMessage] = /<Message>([^<]+)<\/Message>/.exec(text) ?? [];
  const [, jsonCode] = /"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text) ?? [];
  const [, jsonMessage] = /"[Mm]essage"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
  const header = response.headers.get('x-amzn-errortype')?.split(':')[0];
  const code = header ?? jsonCode ?? xmlCode ?? `HTTP${response.status}`;
  return new AwsCallError(
    code,
    jsonMessage ?? xmlMessage ?? `${response.status} ${response.statusText}`,
    response.status,
  );
}
