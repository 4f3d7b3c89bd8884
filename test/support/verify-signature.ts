import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** @returns whether a request has AWS's signature, version 4, made with this key, over all that it says it covers. */
export function verifySignature(request: IncomingMessage, body: Buffer, secretAccessKey: string): boolean {
  const { authorization = '', 'x-amz-date': date = '' } = request.headers;
  const [, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]+)$/.exec(authorization) ?? [];
  const url = new URL(request.url ?? '/', 'http://fake');
  const header = (name: string) => `${name}:${String(request.headers[name] ?? '').trim()}\n`;
  const payload = request.headers['x-amz-content-sha256'] ?? sha256(body);
  const canonical = [
    request.method,
    url.pathname,
    url.searchParams.toString(),
    names.split(';').map(header).join(''),
    names,
    payload,
  ].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${secretAccessKey}`);
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')).toString('hex') === signature;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
