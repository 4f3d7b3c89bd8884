/** awsJson1_0 and awsJson1_1. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
import { ServiceError } from '../service-error.ts';
import type { Protocol } from './protocol.ts';

/**
 * SQS moved from the query protocol to JSON: clients still show the code of the query protocol as `Code`.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
 */
const queryCodes: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  PurgeQueueInProgress: 'AWS.SimpleQueueService.PurgeQueueInProgress',
  AccessDeniedException: 'AccessDenied',
};

export function jsonProtocol(service: string, version: '1.0' | '1.1'): Protocol {
  const headers = { 'content-type': `application/x-amz-json-${version}` };
  return {
    parse: ({ headers: { 'x-amz-target': target = '' }, body }) => ({
      operation: target.split('.').at(-1)!,
      input: parseBody(body),
    }),
    respond: (_call, output) => ({ status: 200, headers, body: JSON.stringify(output, timestamps) }),
    respondError: ({ code, message, status, details }) => ({
      status,
      headers: {
        ...headers,
        'x-amzn-errortype': code,
        ...(service === 'sqs' ? { 'x-amzn-query-error': `${queryCodes[code] ?? code};Sender` } : {}),
      },
      body: JSON.stringify({ __type: code, message, ...details }, timestamps),
    }),
    unknownKey: {
      code: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
      status: 400,
    },
    expiredKey: {
      code: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
      status: 400,
    },
  };
}

function parseBody(body: Buffer): Record<string, unknown> {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw new ServiceError('SerializationException', 'the request body is not JSON');
  }
}

/**
 * JSON protocols carry timestamps as seconds since 1970 and blobs as Base64. A replacer gets a Date after `toJSON` has made it
 * text: the original is read from the object that holds it.
 */
function timestamps(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Date) return original.getTime() / 1000;
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value;
}
