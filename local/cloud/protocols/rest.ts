/** REST protocols: a service itself maps its operations to methods, paths and headers. */
import type { ServiceError } from '../service-error.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import type { ParsedCall, Protocol } from './protocol.ts';

/** Between HTTP and the operations of a REST service. */
export interface RestBinding {
  /** @throws ServiceError for a request that is no operation of the service */
  parse(request: HttpRequest): ParsedCall;
  respond(operation: string, output: Readonly<Record<string, unknown>>): HttpResponse;
  respondError(error: ServiceError, requestId: string): HttpResponse;
}

export function restProtocol(binding: RestBinding): Protocol {
  return {
    parse: (request) => binding.parse(request),
    respond: ({ operation }, output) => binding.respond(operation, output),
    respondError: (error, requestId) => binding.respondError(error, requestId),
    unknownKey: {
      code: 'InvalidAccessKeyId',
      message: 'The AWS Access Key Id you provided does not exist in our records.',
      status: 403,
    },
    expiredKey: { code: 'ExpiredToken', message: 'The provided token has expired.', status: 400 },
  };
}
