/** Reads and parses the body of a request: JSON, YAML, or protobuf for the kinds that kubectl posts in it. */
import type { IncomingMessage } from 'node:http';
import { parse } from 'yaml';
import { ApiError, badRequest } from '../apimachinery/errors.ts';
import { decodeProtobuf, protobufContentType } from './protobuf.ts';

/** As etcd's request limit demands of the real server. */
const maxBodyBytes = 3 * 1024 * 1024;

/** undefined without a body. @throws ApiError for a body that is too large, malformed or of another content type */
export async function readBody(request: IncomingMessage, contentType: string): Promise<unknown> {
  const body = await readBytes(request);
  if (body.length === 0) return undefined;
  if (contentType === protobufContentType) return decodeProtobuf(body);
  if (!/json|yaml/.test(contentType)) {
    const message =
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml';
    throw new ApiError(415, 'UnsupportedMediaType', message);
  }
  const text = body.toString();
  try {
    // kubectl declares an apply patch as YAML also when it is JSON, which parses much faster as such.
    return contentType.endsWith('yaml') && !text.startsWith('{') ? parse(text) : JSON.parse(text);
  } catch (error) {
    throw badRequest(`the body of the request is not ${contentType}: ${(error as Error).message}`);
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBodyBytes) {
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${maxBodyBytes}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
