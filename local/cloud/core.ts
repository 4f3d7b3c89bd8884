/** The middle of the cloud: finds the service of a call, checks the caller's permission, runs the operation. */
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { CloudOptions } from '../contracts/cloud.ts';
import type { AssetCatalog } from './assets/catalog.ts';
import { createAuthorizer } from './iam/authorizer.ts';
import { type CredentialStore, createCredentialStore } from './iam/credentials.ts';
import { createIdentityStore, type IdentityStore, requireRole, roleOfInstanceProfile } from './iam/store.ts';
import type { Caller, CloudCore, Service, ServiceRequest } from './service.ts';
import { ServiceError } from './service.ts';

/** The account of AWS's own examples: no real resource can be meant. */
export const accountId = '111122223333';
export const cloudPort = 4566;
/** Sandboxes and instances keep theirs in the environment: long enough for any run. */
const roleLifetimeSeconds = 12 * 3600;
const operator: Caller = { accessKeyId: 'operator', principal: { kind: 'operator' } };

export type Input = Readonly<Record<string, unknown>>;

/** What cloud.ts and the wire front need besides what modules see. */
export interface Core extends CloudCore {
  readonly identity: IdentityStore;
  readonly credentials: CredentialStore;
  readonly services: Map<string, Service>;
  /** Runs an operation for a caller after the policy check. @throws ServiceError */
  dispatch(request: ServiceRequest, input: Input): Promise<Record<string, unknown>>;
}

export function createCore(options: CloudOptions, assets: AssetCatalog): Core {
  const identity = createIdentityStore();
  const credentials = createCredentialStore();
  const authorizer = createAuthorizer(identity, options);
  const services = new Map<string, Service>();
  const logsFolder = path.join(options.context.root, 'logs');

  function permit(service: Service, { caller, operation }: ServiceRequest, input: Input): void {
    if (caller.principal.kind === 'operator' || service.isPublic?.(operation, input)) return;
    const accesses = service.accessesOf?.(operation, input);
    if (accesses !== undefined) {
      for (const access of accesses) authorizer.authorize(caller, access.action, access.resource);
      return;
    }
    const action = `${service.name}:${service.actionOf?.(operation) ?? operation}`;
    const resources = service.resourcesOf?.(operation, input) ?? [];
    if (resources.length === 0) authorizer.authorize(caller, action);
    for (const resource of resources) authorizer.authorize(caller, action, resource);
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
    permit(service, request, input);
    return { ...(await operation(input, request)) };
  };

  return {
    context: options.context,
    options,
    endpoint: `http://${options.context.network.cloudAddress}:${cloudPort}`,
    region: options.region,
    accountId,
    identity,
    credentials,
    services,
    dispatch,
    issueCredentials: (roleArn, sessionName) =>
      credentials.issue(
        { kind: 'role', roleArn: requireRole(identity, roleArn).arn, sessionName },
        roleLifetimeSeconds,
      ),
    call: (service, operation, input, asRoleArn) => {
      const caller: Caller =
        asRoleArn === null
          ? operator
          : { accessKeyId: 'in-process', principal: { kind: 'role', roleArn: asRoleArn, sessionName: 'twin' } };
      return dispatch({ service, operation, caller }, input as Input);
    },
    authorize: (caller, action, resource) => authorizer.authorize(caller, action, resource),
    instanceProfileRole: (nameOrArn) => roleOfInstanceProfile(identity, nameOrArn).arn,
    assetPath: (bucketOrRepository, keyOrTag) => assets.path(bucketOrRepository, keyOrTag),
    appendLog: (logGroupName, logStreamName, text) => {
      const file = path.join(logsFolder, ...logGroupName.split('/'), `${logStreamName.replaceAll('/', '_')}.log`);
      mkdirSync(path.dirname(file), { recursive: true });
      appendFileSync(file, text);
    },
  };
}
