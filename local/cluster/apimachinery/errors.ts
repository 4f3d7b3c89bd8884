/** Errors of the Kubernetes API: the Status objects and texts of the real server. */
import { qualifiedName, type ResourceType } from './resource-type.ts';

/** One wrong field, or one other reason for a refusal. */
export interface StatusCause {
  reason?: string;
  message: string;
  field?: string;
}

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: number, reason: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  get status(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.reason,
      details: this.details,
      code: this.code,
    };
  }
}

function detailsOf(type: ResourceType, name: string, more: object = {}): Record<string, unknown> {
  return { ...(name && { name }), ...(type.group && { group: type.group }), kind: type.plural, ...more };
}

export function notFound(type: ResourceType, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualifiedName(type)} "${name}" not found`, detailsOf(type, name));
}

export function alreadyExists(type: ResourceType, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${qualifiedName(type)} "${name}" already exists`, detailsOf(type, name));
}

export function conflict(type: ResourceType, name: string, cause?: string): ApiError {
  const reason = cause ?? 'the object has been modified; please apply your changes to the latest version and try again';
  const message = `Operation cannot be fulfilled on ${qualifiedName(type)} "${name}": ${reason}`;
  return new ApiError(409, 'Conflict', message, detailsOf(type, name));
}

export function forbidden(type: ResourceType, name: string, reason: string): ApiError {
  const subject = name ? `${qualifiedName(type)} "${name}"` : qualifiedName(type);
  return new ApiError(403, 'Forbidden', `${subject} is forbidden: ${reason}`, detailsOf(type, name));
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function invalid(type: ResourceType, name: string, causes: readonly StatusCause[]): ApiError {
  const lines = causes.map(({ field, message }) => (field ? `${field}: ${message}` : message));
  const list = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  const kind = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  return new ApiError(422, 'Invalid', `${kind} "${name}" is invalid: ${list}`, {
    ...detailsOf(type, name, { kind: type.kind }),
    causes,
  });
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

export function unknownPath(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource');
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function resourceExpired(): ApiError {
  return new ApiError(410, 'Expired', 'The resourceVersion for the provided watch is too old.');
}
