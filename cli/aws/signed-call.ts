import { setTimeout as delay } from 'node:timers/promises';
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

/** AWS refused, or did not answer. Its name is the error's code, as in the SDK's own errors. */
export class AwsCallError extends Error {
  readonly $metadata = {};

  constructor(code: string, message: string) {
    super(message);
    this.name = code;
  }
}

const timeoutMilliseconds = 10_000;
const attempts = 3;
const secondsBetween = 0.3;

/** Calls AWS with the credentials of an SDK client, repeating what fails on AWS's side. @returns the answer's body */
export async function signedCall(client: STSClient, request: SignedRequest, signal: AbortSignal): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send(client, request, signal);
    if (typeof outcome === 'string') return outcome;
    signal.throwIfAborted();
    if (!outcome.isTemporary || attempt === attempts) throw outcome.error;
    await delay(attempt * secondsBetween * 1000, undefined, { signal });
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

interface Failure {
  readonly error: Error;
  readonly isTemporary: boolean;
}

/** @returns the answer's body, or why there is none */
async function send(client: STSClient, request: SignedRequest, signal: AbortSignal): Promise<string | Failure> {
  const { body } = request;
  // The variable that the SDK's clients know, too: an endpoint of a test's own.
  const url = new URL(request.path ?? '/', process.env['AWS_ENDPOINT_URL'] ?? `https://${request.host}`);
  const { method, headers } = await sign(client, request, url);
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]),
    });
    const text = await response.text();
    if (response.ok) return text;
    return { error: refusal(response, text), isTemporary: response.status >= 500 || response.status === 429 };
  } catch (error) {
    return { error: unreached(error as Error, url.hostname), isTemporary: true };
  }
}

async function sign({ config: { credentials, sha256 } }: STSClient, request: SignedRequest, url: URL) {
  const { service, region, body } = request;
  const { method, headers } = await new SignatureV4({ credentials, sha256, service, region }).sign({
    method: body === undefined ? 'GET' : 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: {},
    headers: { ...request.headers, host: url.host },
    ...(body === undefined ? {} : { body }),
  });
  const { host: _set, ...others } = headers; // fetch sets it itself
  return { method, headers: others };
}

/** In the form of the SDK's errors: the system's code, or that time ran out; and the host. */
function unreached(error: Error, hostname: string): Error {
  if (error.name === 'TimeoutError') {
    return Object.assign(new AwsCallError('TimeoutError', `${timeoutMilliseconds / 1000} seconds`), { hostname });
  }
  return Object.assign(error.cause instanceof Error ? error.cause : error, { hostname });
}

/** Services answer in JSON with `__type`, or in XML with `Code`; the header comes before both. */
function refusal(response: Response, text: string): AwsCallError {
  const [, xmlCode] = /<Code>([^<]+)<\/Code>/.exec(text) ?? [];
  const [, xmlMessage] = /<Message>([^<]+)<\/Message>/.exec(text) ?? [];
  const [, jsonCode] = /"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text) ?? [];
  const [, jsonMessage] = /"[Mm]essage"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text) ?? [];
  const header = response.headers.get('x-amzn-errortype')?.split(':')[0];
  const code = header ?? jsonCode ?? xmlCode ?? `HTTP${response.status}`;
  return new AwsCallError(code, jsonMessage ?? xmlMessage ?? `${response.status} ${response.statusText}`);
}
