/** Finds the service of a call, checks the caller's permission and runs the operation. */
import type { CloudOptions } from '../contracts/cloud.ts';
import type { AssetCatalog } from './assets/catalog.ts';
import { EventBus } from './events/bus.ts';
import { createAuthorizer } from './iam/authorizer.ts';
import { type CredentialStore, createCredentialStore } from './iam/credentials.ts';
import { createIamStore, type IamStore, requireRole, roleOfInstanceProfile } from './iam/iam-store.ts';
import type { Caller, Input, ServiceRequest } from './operation.ts';
import type { Access, CloudCore, Service } from './service.ts';
import { ServiceError } from './service-error.ts';

/** The account of the examples in AWS's documentation: it cannot be mistaken for a real one. */
export const accountId = '111122223333';
export const cloudPort = 4566;
/** Lambda functions and instances get their credentials once, in their environment: longer than any run of the twin. */
const roleSessionSeconds = 12 * 3600;
export const operator: Caller = { accessKeyId: 'operator', principal: { kind: 'operator' } };

/** What the server and the modules of IAM and STS need besides what every module gets. */
export interface Core extends CloudCore {
  readonly iam: IamStore;
  readonly credentials: CredentialStore;
  /** By signing name. */
  readonly services: Map<string, Service>;
  /** Runs an operation for a caller after the permission check. @throws ServiceError */
  dispatch(request: ServiceRequest, input: Input): Promise<Record<string, unknown>>;
}

export function createCore(options: CloudOptions, assets: AssetCatalog): Core {
  const account = { accountId, region: options.region };
  const iam = createIamStore();
  const credentials = createCredentialStore();
  const authorizer = createAuthorizer(iam, options);
  const services = new Map<string, Service>();

  function checkPermission(service: Service, { caller, operation }: ServiceRequest, input: Input): void {
    if (caller.principal.kind === 'operator' || service.isPublic?.(operation, input)) return;
    for (const { action, resource } of accessesOf(service, operation, input)) {
      authorizer.authorize(caller, action, resource);
    }
  }

  const dispatch: Core['dispatch'] = async (request, input) => {
    const service = services.get(request.service);
    const operation = service?.operations[request.operation];
    if (service === undefined || operation === undefined) {
      const known = Object.keys(service?.operations ?? {}).join(', ') || 'none';
      throw new ServiceError(
        'UnknownOperationException',
        `the twin does not serve ${request.service}:${request.operation} (served: ${known})`,
      );
    }
    checkPermission(service, request, input);
    return { ...(await operation(input, request)) };
  };

  return {
    ...account,
    context: options.context,
    options,
    endpoint: `http://${options.context.network.cloudAddress}:${cloudPort}`,
    eventBus: new EventBus(account),
    iam,
    credentials,
    services,
    dispatch,
    issueCredentials: (roleArn, sessionName) =>
      credentials.issue({ kind: 'role', roleArn: requireRole(iam, roleArn).arn, sessionName }, roleSessionSeconds),
    call: (service, operation, input, asRoleArn) => {
      const caller: Caller =
        asRoleArn === null
          ? operator
          : { accessKeyId: 'in-process', principal: { kind: 'role', roleArn: asRoleArn, sessionName: 'twin' } };
      return dispatch({ service, operation, caller }, { ...input });
    },
    authorize: (caller, action, resource) => authorizer.authorize(caller, action, resource),
    instanceProfileRole: (nameOrArn) => roleOfInstanceProfile(iam, nameOrArn).arn,
    assetPath: (bucketOrRepository, keyOrTag) => assets.path(bucketOrRepository, keyOrTag),
  };
}

type RequiredAccess = Pick<Access, 'action'> & Partial<Access>;

function accessesOf(service: Service, operation: string, input: Input): readonly RequiredAccess[] {
  const accesses = service.accessesOf?.(operation, input);
  if (accesses !== undefined) return accesses;
  const action = `${service.name}:${service.actionOf?.(operation) ?? operation}`;
  const resources = service.resourcesOf?.(operation, input) ?? [];
  return resources.length === 0 ? [{ action }] : resources.map((resource) => ({ action, resource }));
}
