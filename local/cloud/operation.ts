/** API operations of the AWS services: each declares the members of its input and gets them checked and typed. */
import type { z } from 'zod';
import { ServiceError } from './service-error.ts';

/** Who calls: the principal behind the request's access key. */
export interface Caller {
  readonly accessKeyId: string;
  readonly principal: /** The person at the twin: may do everything. */
    | { readonly kind: 'operator' }
    /** A role session: checked against the role's policies in the template. */
    | { readonly kind: 'role'; readonly roleArn: string; readonly sessionName: string }
    /** An unsigned request: only what a resource policy opens to everyone, and AssumeRoleWithWebIdentity. */
    | { readonly kind: 'anonymous' };
}

/** One call, after its protocol has been decoded. */
export interface ServiceRequest {
  /** Signature Version 4 signing name: 'sqs', 's3', 'ssm', 'ec2', 'autoscaling', 'states', 'events', 'lambda', ... */
  readonly service: string;
  readonly operation: string;
  readonly caller: Caller;
  /** Aborted when the caller hangs up, for operations that wait (long polling). Absent for in-process calls. */
  readonly signal?: AbortSignal;
}

/** An input as it arrives: member names as documented, values not checked yet. */
export type Input = Readonly<Record<string, unknown>>;

/**
 * JSON protocols: input and result are the documented JSON. Query protocols (EC2, Auto Scaling, STS): the input has the
 * documented member names, numbered lists turned into arrays and every scalar a string; the result is an object with the
 * documented XML element names (EC2: `reservationSet: [...]` becomes <reservationSet><item>...; others: <member>).
 * @throws ServiceError
 */
export type Operation = (input: Input, request: ServiceRequest) => Promise<object>;

/** @param schema the documented input; members that the twin has no use for are left out */
export function operation<Schema extends z.ZodType>(
  schema: Schema,
  run: (input: z.output<Schema>, request: ServiceRequest) => Promise<object> | object,
): Operation {
  return async (input, request) => run(parseInput(request.service, schema, input), request);
}

/** @throws ServiceError with the code that the service has for a missing or an invalid parameter */
export function parseInput<Schema extends z.ZodType>(service: string, schema: Schema, input: Input): z.output<Schema> {
  const parsed = schema.safeParse(input, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.path.join('.') ?? '';
  const codes = invalidInputCodes[service] ?? defaultCodes;
  if (issue?.input === undefined) {
    throw new ServiceError(codes.missing, `The request must contain the parameter ${name}`);
  }
  throw new ServiceError(codes.invalid, `Value for parameter ${name} is invalid. ${issue.message}`);
}

interface InvalidInputCodes {
  readonly missing: string;
  readonly invalid: string;
}

const sameCode = (code: string): InvalidInputCodes => ({ missing: code, invalid: code });
const defaultCodes = sameCode('ValidationException');
const queryCodes: InvalidInputCodes = { missing: 'MissingParameter', invalid: 'InvalidParameterValue' };
/** By signing name, from the "Common Errors" and "Errors" sections of each service's API reference. */
const invalidInputCodes: Readonly<Record<string, InvalidInputCodes>> = {
  autoscaling: sameCode('ValidationError'),
  cloudformation: sameCode('ValidationError'),
  ec2: queryCodes,
  lambda: sameCode('InvalidParameterValueException'),
  logs: sameCode('InvalidParameterException'),
  s3: sameCode('InvalidRequest'),
  secretsmanager: sameCode('InvalidParameterException'),
  sns: sameCode('InvalidParameter'),
  sqs: queryCodes,
  sts: sameCode('ValidationError'),
};
