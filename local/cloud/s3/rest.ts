/** S3's protocol: bucket and key in the path, everything else in query, headers and XML. */
import { XMLParser } from 'fast-xml-parser';
import { toXml } from '../protocols/xml.ts';
import type { RestBinding, RestReply, RestRequest } from '../service.ts';
import { ServiceError } from '../service.ts';

/** Headers stored with an object and given back with it. */
const keptHeaders = /^(x-amz-meta-.+|cache-control|content-disposition|content-encoding|content-language|expires)$/;

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => name === 'Object',
});

export const s3Rest: RestBinding = {
  parse(request) {
    const [bucket = '', ...rest] = request.path.slice(1).split('/');
    const key = rest.join('/');
    const operation = operationOf(request, bucket, key);
    return { operation, input: { Bucket: bucket, Key: key, ...inputOf(operation, request) } };
  },
  reply(operation, output) {
    switch (operation) {
      case 'GetObject':
      case 'HeadObject':
        return objectReply(output);
      case 'PutObject':
        return {
          status: 200,
          headers: {
            etag: String(output['ETag']),
            'x-amz-checksum-crc32': String(output['ChecksumCRC32']),
            'x-amz-server-side-encryption': 'AES256',
          },
        };
      case 'DeleteObject':
        return { status: 204 };
      case 'HeadBucket':
        return { status: 200 };
      case 'CopyObject':
        return xmlReply('CopyObjectResult', output['CopyObjectResult']);
      case 'DeleteObjects':
        return xmlReply('DeleteResult', output);
      case 'ListBuckets':
        return xmlReply('ListAllMyBucketsResult', output);
      default:
        return xmlReply('ListBucketResult', output);
    }
  },
  replyError({ code, message, status }, requestId) {
    if (status === 304) return { status };
    return { ...xmlReply('Error', { Code: code, Message: message, RequestId: requestId }), status };
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

/** Query parameters that make another operation out of a method. */
const subresources = ['delete', 'uploads', 'uploadId', 'acl', 'tagging', 'policy', 'location', 'versions'];

function operationOf({ method, query, headers }: RestRequest, bucket: string, key: string): string {
  const subject = bucket === '' ? 'account' : key === '' ? 'bucket' : 'object';
  const subresource = subresources.find((name) => query.has(name));
  const wanted = `${method} ${subject}${subresource === undefined ? '' : `?${subresource}`}`;
  const operation = operations[wanted];
  if (operation === undefined) throw new ServiceError('NotImplemented', `the twin's S3 does not serve ${wanted}`, 501);
  return operation === 'PutObject' && headers['x-amz-copy-source'] !== undefined ? 'CopyObject' : operation;
}

function inputOf(operation: string, { query, headers, body }: RestRequest): Record<string, unknown> {
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
      return { ...conditions, Body: body, ContentType: headers['content-type'], Headers: kept(headers) };
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

function kept(headers: RestRequest['headers']): Record<string, string> {
  const entries = Object.entries(headers)
    .filter(([name]) => keptHeaders.test(name))
    // aws-chunked is how the body travelled, not how the object is encoded.
    .map(([name, value]) => [name, value.replace(/aws-chunked,?\s*/, '')] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

function objectReply(output: Readonly<Record<string, unknown>>): RestReply {
  const optional = { 'content-range': output['ContentRange'], 'x-amz-checksum-crc32': output['ChecksumCRC32'] };
  return {
    status: output['ContentRange'] === undefined ? 200 : 206,
    headers: {
      ...(output['Headers'] as Record<string, string>),
      etag: String(output['ETag']),
      'last-modified': (output['LastModified'] as Date).toUTCString(),
      'content-type': String(output['ContentType']),
      'content-length': String(output['ContentLength']),
      'accept-ranges': 'bytes',
      'x-amz-server-side-encryption': 'AES256',
      ...Object.fromEntries(
        Object.entries(optional)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => [name, String(value)]),
      ),
    },
    ...(output['Body'] === undefined ? {} : { body: output['Body'] as Buffer }),
  };
}

function xmlReply(name: string, value: unknown): RestReply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${toXml(name, value, null)}`;
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}
