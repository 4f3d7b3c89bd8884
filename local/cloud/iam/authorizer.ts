/** The permission check of every call by a role, so that a missing permission is found before the first deployment. */
import { globalArnOf, parseArn } from '../arns.ts';
import type { Caller } from '../operation.ts';
import { ServiceError } from '../service-error.ts';
import { type Decision, decide } from './decision.ts';
import { type IamStore, requireRole, statementsOf } from './iam-store.ts';

export interface Authorizer {
  /**
   * @param resource absent: any resource
   * @throws ServiceError with the access-denied code of the action's service
   */
  authorize(caller: Caller, action: string, resource?: string): void;
}

/** Services that respond in XML have the code AccessDenied; those that respond in JSON have AccessDeniedException. */
const xmlServices = new Set(['s3', 'sts', 'iam', 'autoscaling', 'cloudformation', 'elasticloadbalancing', 'route53']);

export function createAuthorizer(store: IamStore, { region }: { readonly region: string }): Authorizer {
  return {
    authorize(caller, action, resource) {
      if (caller.principal.kind === 'operator') return;
      const decision =
        caller.principal.kind === 'anonymous'
          ? 'not allowed'
          : decide(statementsOf(store, requireRole(store, caller.principal.roleArn)), {
              action,
              context: {
                'aws:SecureTransport': 'true', // on AWS the same client would use TLS
                'aws:RequestedRegion': region,
                'aws:PrincipalArn': caller.principal.roleArn,
              },
              ...(resource === undefined ? {} : { resource }),
            });
      if (decision !== 'allowed') throw accessDenied(caller, action, resource, decision);
    },
  };
}

/** For a role session arn:aws:sts::<account>:assumed-role/<role>/<session>. */
export function callerArn({ principal }: Caller): string {
  if (principal.kind !== 'role') return principal.kind;
  const { accountId, resource } = parseArn(principal.roleArn);
  return globalArnOf(accountId, 'sts', `assumed-role/${resource.split('/').at(-1)}/${principal.sessionName}`);
}

function accessDenied(caller: Caller, action: string, resource: string | undefined, decision: Decision): ServiceError {
  const [service = ''] = action.split(':');
  const because =
    decision === 'explicitly denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const message = `User: ${callerArn(caller)} is not authorized to perform: ${action} on resource: ${resource ?? '*'} ${because}`;
  if (service === 'ec2') {
    return new ServiceError(
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. ${message}`,
      403,
    );
  }
  if (xmlServices.has(service)) return new ServiceError('AccessDenied', message, 403);
  return new ServiceError('AccessDeniedException', message, 400);
}
