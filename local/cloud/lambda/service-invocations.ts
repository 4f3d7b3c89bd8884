/** Invocations by AWS services such as EventBridge, which act under a function's resource-based policy. */
import { type CloudCore, ServiceError } from '../service.ts';
import { type FunctionStore, findFunction, type LambdaFunction } from './functions.ts';

export interface ServiceInvocation {
  readonly functionArn: string;
  /** e.g. 'events.amazonaws.com' */
  readonly principal: string;
  /** e.g. the ARN of the rule */
  readonly sourceArn: string;
  /** JSON text */
  readonly payload: string;
}

interface Access {
  readonly store: FunctionStore;
  readonly invoke: (lambda: LambdaFunction, payload: string) => Promise<void>;
}

const accesses = new WeakMap<CloudCore, Access>();

export function acceptServiceInvocations(core: CloudCore, access: Access): void {
  accesses.set(core, access);
}

/**
 * Hands an event to a function asynchronously.
 * @returns settles when the first attempt has ended, however it ended; never rejects
 * @throws ServiceError ResourceNotFoundException, AccessDeniedException (no AWS::Lambda::Permission allows it)
 */
export function invokeForService(core: CloudCore, invocation: ServiceInvocation): { firstAttempt: Promise<void> } {
  const access = accesses.get(core);
  const lambda = access && findFunction(access.store, invocation.functionArn);
  if (access === undefined || lambda === undefined) {
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${invocation.functionArn}`, 404);
  }
  if (!isPermitted(access.store, lambda.name, invocation)) {
    const { principal, sourceArn } = invocation;
    const message = `${principal} is not authorized to perform lambda:InvokeFunction on ${lambda.arn} for ${sourceArn}`;
    throw new ServiceError('AccessDeniedException', message, 403);
  }
  return { firstAttempt: access.invoke(lambda, invocation.payload) };
}

function isPermitted(store: FunctionStore, functionName: string, { principal, sourceArn }: ServiceInvocation): boolean {
  return store.permissions.some(
    (permission) =>
      permission.functionName === functionName &&
      permission.principal === principal &&
      (permission.sourceArn === undefined || isArnLike(permission.sourceArn, sourceArn)),
  );
}

/** ArnLike: only `*` is used in the template's source ARNs. */
function isArnLike(pattern: string, arn: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(arn);
}
