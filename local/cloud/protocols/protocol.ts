import type { RestReply, RestRequest, ServiceError } from '../service.ts';

export interface ParsedCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** One AWS protocol: HTTP on one side, operations on the other. */
export interface Protocol {
  parse(request: RestRequest): ParsedCall;
  reply(call: ParsedCall, output: Readonly<Record<string, unknown>>, requestId: string): RestReply;
  replyError(error: ServiceError, requestId: string): RestReply;
  /** The documented errors for an access key that is not known, or not valid any more. */
  readonly unknownKey: { readonly code: string; readonly message: string; readonly status: number };
  readonly expiredKey: { readonly code: string; readonly message: string; readonly status: number };
}
