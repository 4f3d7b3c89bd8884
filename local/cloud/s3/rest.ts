/** S3's protocol: bucket and key are in the path, everything else in query, headers and XML. */
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { type BodyChecksum, givenChecksum } from '../protocols/checksum.ts';
import type { HttpRequest, HttpResponse } from '../protocols/http.ts';
import type { RestBinding } from '../protocols/rest.ts';
import { toXml } from '../protocols/xml.ts';
import { ServiceError } from '../service-error.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const maxKeyBytes = 1024;

/** Headers that are stored with an object and returned with it. */
const storedHeaders = /^(x-amz-meta-.+|cache-control|content-disposition|content-encoding|content-language|expires)$/;

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => name === 'Object',
});

export const s3Rest: RestBinding = {
  parse(request) {
    const [bucket = '', ...rest] = request.path.slice(1).split('/');
    const key = rest.join('/');
    if (Buffer.byteLength(key) > maxKeyBytes) throw new ServiceError('KeyTooLongError', 'Your key is too long');
    const operation = operationOf(request, bucket, key);
    return { operation, input: { Bucket: bucket, Key: key, ...inputOf(operation, request) } };
  },
  respond(operation, output) {
    switch (operation) {
      case 'GetObject':
      case 'HeadObject':
        return objectResponse(output);
      case 'PutObject':
        return {
          status: 200,
          headers: {
            etag: String(output['ETag']),
            ...checksumHeaders(putOutput.parse(output).Checksum),
            'x-amz-server-side-encryption': 'AES256',
          },
        };
      case 'DeleteObject':
        return { status: 204 };
      case 'HeadBucket':
        return { status: 200 };
      case 'CopyObject':
        return xmlResponse('CopyObjectResult', output['CopyObjectResult']);
      case 'DeleteObjects':
        return xmlResponse('DeleteResult', output);
      case 'ListBuckets':
        return xmlResponse('ListAllMyBucketsResult', output);
      default:
        return xmlResponse('ListBucketResult', output);
    }
  },
  respondError({ code, message, status }, requestId) {
    if (status === 304) return { status };
    return { ...xmlResponse('Error', { Code: code, Message: message, RequestId: requestId }), status };
  },
};

const operations: Readonly<Record<string, string>> = {
  'GET account': 'ListBuckets',
  'HEAD bucket': 'HeadBucket',
  'GET bucket': 'ListObjectsV2',
  'POST bucket?delete': 'DeleteObjects',
  'GET object': 'GetObject',
  'HEAD object': 'HeadObject',
  'PUT object': 'PutObject',
  'DELETE object': 'DeleteObject',
};

/** Query parameters by which a method becomes another operation. */
const subresources = ['delete', 'uploads', 'uploadId', 'acl', 'tagging', 'policy', 'location', 'versions'];

/** @throws ServiceError NotImplemented */
function operationOf({ method, query, headers }: HttpRequest, bucket: string, key: string): string {
  const subject = bucket === '' ? 'account' : key === '' ? 'bucket' : 'object';
  const subresource = subresources.find((name) => query.has(name));
  const request = `${method} ${subject}${subresource === undefined ? '' : `?${subresource}`}`;
  const operation = operations[request];
  if (operation === undefined) throw new ServiceError('NotImplemented', `the twin's S3 does not serve ${request}`, 501);
  return operation === 'PutObject' && headers['x-amz-copy-source'] !== undefined ? 'CopyObject' : operation;
}

function inputOf(operation: string, { query, headers, body }: HttpRequest): Record<string, unknown> {
  const conditions = {
    IfMatch: headers['if-match'],
    IfNoneMatch: headers['if-none-match'],
    IfModifiedSince: headers['if-modified-since'],
    IfUnmodifiedSince: headers['if-unmodified-since'],
  };
  switch (operation) {
    case 'GetObject':
    case 'HeadObject':
      return { ...conditions, Range: headers['range'], ChecksumMode: headers['x-amz-checksum-mode'] };
    case 'PutObject':
      return {
        ...conditions,
        Body: body,
        ContentType: headers['content-type'],
        Checksum: givenChecksum(headers),
        Headers: headersToStore(headers),
      };
    case 'CopyObject':
      return { CopySource: headers['x-amz-copy-source'] };
    case 'DeleteObjects': {
      const { Delete } = parser.parse(body.toString('utf8'));
      return { Delete: { Objects: Delete?.Object ?? [], Quiet: Delete?.Quiet === 'true' } };
    }
    case 'ListObjectsV2':
      return {
        Prefix: query.get('prefix') ?? undefined,
        Delimiter: query.get('delimiter') ?? undefined,
        MaxKeys: query.get('max-keys') ?? undefined,
        StartAfter: query.get('start-after') ?? undefined,
        ContinuationToken: query.get('continuation-token') ?? undefined,
      };
    default:
      return {};
  }
}

function headersToStore(headers: HttpRequest['headers']): Record<string, string> {
  const entries = Object.entries(headers)
    .filter(([name]) => storedHeaders.test(name))
    // aws-chunked is the encoding of the transfer, not of the object.
    .map(([name, value]) => [name, value.replace(/aws-chunked,?\s*/, '')] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

const putOutput = z.object({ Checksum: z.custom<BodyChecksum>() });

/** The output of GetObject and HeadObject. */
const objectOutput = z.object({
  ETag: z.string(),
  LastModified: z.date(),
  ContentType: z.string(),
  ContentLength: z.number(),
  ContentRange: z.string().optional(),
  Checksum: z.custom<BodyChecksum>().optional(),
  Headers: z.record(z.string(), z.string()),
  Body: z.instanceof(Buffer).optional(),
});

function objectResponse(output: Readonly<Record<string, unknown>>): HttpResponse {
  const { ContentRange, Checksum, Body, ...object } = objectOutput.parse(output);
  return {
    status: ContentRange === undefined ? 200 : 206,
    headers: {
      ...object.Headers,
      etag: object.ETag,
      'last-modified': object.LastModified.toUTCString(),
      'content-type': object.ContentType,
      'content-length': String(object.ContentLength),
      'accept-ranges': 'bytes',
      'x-amz-server-side-encryption': 'AES256',
      ...(ContentRange === undefined ? {} : { 'content-range': ContentRange }),
      ...(Checksum === undefined ? {} : checksumHeaders(Checksum)),
    },
    ...(Body === undefined ? {} : { body: Body }),
  };
}

function checksumHeaders({ algorithm, value }: BodyChecksum): Record<string, string> {
  return { [`x-amz-checksum-${algorithm}`]: value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

function xmlResponse(name: string, value: unknown): HttpResponse {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${toXml(name, value, null)}`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}
