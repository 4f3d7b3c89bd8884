/**
 * Invocations by AWS services such as EventBridge for one of their resources. They act as a service principal, which has no
 * identity-based policies: the function's resource-based policy (AWS::Lambda::Permission) must allow the call.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
import { matchesPattern } from '../iam/pattern.ts';
import { ServiceError } from '../service-error.ts';
import { type FunctionStore, findFunction, type LambdaFunction } from './function-store.ts';

export interface ServiceInvocation {
  readonly functionArn: string;
  /** Service principal, e.g. 'events.amazonaws.com'. */
  readonly principal: string;
  /** ARN of the resource that causes the invocation, e.g. of a rule. */
  readonly sourceArn: string;
  /** JSON text */
  readonly payload: string;
}

/** @throws ServiceError ResourceNotFoundException, AccessDeniedException */
export function authorizedFunction(store: FunctionStore, invocation: ServiceInvocation): LambdaFunction {
  const { functionArn, principal, sourceArn } = invocation;
  const lambda = findFunction(store, functionArn);
  if (lambda === undefined) {
    throw new ServiceError('ResourceNotFoundException', `Function not found: ${functionArn}`, 404);
  }
  const isAllowed = store.permissions.some(
    (permission) =>
      permission.functionName === lambda.name &&
      permission.principal === principal &&
      (permission.sourceArn === undefined || matchesPattern(permission.sourceArn, sourceArn)),
  );
  if (isAllowed) return lambda;
  const message = `${principal} is not authorized to perform lambda:InvokeFunction on ${lambda.arn} for ${sourceArn}`;
  throw new ServiceError('AccessDeniedException', message, 403);
}
