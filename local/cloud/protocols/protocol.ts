import type { Input } from '../operation.ts';
import type { ServiceError } from '../service-error.ts';
import type { HttpRequest, HttpResponse } from './http.ts';

export interface ParsedCall {
  readonly operation: string;
  readonly input: Input;
}

/** One AWS protocol: HTTP on one side, operations on the other. */
export interface Protocol {
  /** @throws ServiceError for a body that cannot be decoded */
  parse(request: HttpRequest): ParsedCall;
  respond(call: ParsedCall, output: Readonly<Record<string, unknown>>, requestId: string): HttpResponse;
  respondError(error: ServiceError, requestId: string): HttpResponse;
  /** The protocol's documented error for an access key that does not exist. */
  readonly unknownKey: ErrorTemplate;
  /** The protocol's documented error for credentials that have expired. */
  readonly expiredKey: ErrorTemplate;
}

interface ErrorTemplate {
  readonly code: string;
  readonly message: string;
  readonly status: number;
}
