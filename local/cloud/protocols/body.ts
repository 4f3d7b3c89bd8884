/** Request bodies, with the aws-chunked encoding removed and the checksums in headers or trailers verified. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ServiceError } from '../service-error.ts';
import { checksumOf, givenChecksum } from './checksum.ts';

/** Far above the size of a photo; keeps a mistaken upload from filling the memory. */
const maxBodyBytes = 256 * 1024 * 1024;
const md5Bytes = 16;

export interface RequestBody {
  readonly body: Buffer;
  /** Headers that came after the body, such as its checksum. */
  readonly trailers: Readonly<Record<string, string>>;
}

/**
 * @throws ServiceError EntityTooLarge, BadDigest (a checksum does not match), InvalidDigest, InvalidRequest (a checksum that is
 * none), IncompleteBody (a chunk is cut short)
 */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBodyBytes) throw new ServiceError('EntityTooLarge', `a request has at most ${maxBodyBytes} bytes`);
    parts.push(part);
  }
  const raw = Buffer.concat(parts);
  const chunked = String(request.headers['content-encoding'] ?? '').includes('aws-chunked');
  const { body, trailers } = chunked ? decodeChunks(raw) : { body: raw, trailers: {} };
  await verify(body, { ...request.headers, ...trailers });
  return { body, trailers };
}

/**
 * `<hex size>[;chunk-signature=...]\r\n<data>\r\n`, ended by a chunk of size 0 and trailers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
function decodeChunks(raw: Buffer): RequestBody {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = raw.indexOf('\r\n', position);
    const size = Number.parseInt(raw.toString('latin1', position, lineEnd), 16);
    if (lineEnd < 0 || Number.isNaN(size) || lineEnd + 2 + size > raw.length) {
      throw new ServiceError('IncompleteBody', 'a chunk of the body is cut short');
    }
    position = lineEnd + 2;
    if (size === 0) break;
    chunks.push(raw.subarray(position, position + size));
    position += size + 2;
  }
  const trailers = raw
    .toString('latin1', position)
    .split('\r\n')
    .filter((line) => line.includes(':'))
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    });
  return { body: Buffer.concat(chunks), trailers: Object.fromEntries(trailers) };
}

async function verify(body: Buffer, headers: IncomingMessage['headers']): Promise<void> {
  const given = givenChecksum(headers);
  if (given !== undefined && given.value !== (await checksumOf(given.algorithm, body)).value) {
    throw new ServiceError('BadDigest', `The ${given.algorithm} you specified did not match the calculated checksum.`);
  }
  const md5 = headers['content-md5'];
  if (md5 === undefined) return;
  if (Buffer.from(String(md5), 'base64').length !== md5Bytes)
    throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  if (md5 !== createHash('md5').update(body).digest('base64'))
    throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
}
