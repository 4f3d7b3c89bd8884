/** Roles, policies, instance profiles and OIDC providers of the template. */
import { ServiceError } from '../service-error.ts';
import { awsManagedPolicy } from './managed-policies.ts';
import type { Statement } from './policy-document.ts';

export interface Role {
  readonly name: string;
  readonly arn: string;
  /** Who may assume the role. */
  readonly trustPolicy: readonly Statement[];
  /** By policy name. */
  readonly inlinePolicies: Map<string, readonly Statement[]>;
  readonly managedPolicyArns: Set<string>;
}

export interface OidcProvider {
  readonly arn: string;
  /** Issuer URL. */
  readonly url: string;
  /** Accepted audiences. */
  readonly clientIds: readonly string[];
}

export interface IamStore {
  /** By role name. */
  readonly roles: Map<string, Role>;
  /** Managed policies that the template creates, by ARN. */
  readonly managedPolicies: Map<string, readonly Statement[]>;
  /** Instance profile name -> role name. */
  readonly instanceProfiles: Map<string, string>;
  readonly oidcProviders: OidcProvider[];
}

export function createIamStore(): IamStore {
  return { roles: new Map(), managedPolicies: new Map(), instanceProfiles: new Map(), oidcProviders: [] };
}

/** A role by its name or ARN. @throws ServiceError NoSuchEntity */
export function requireRole(store: IamStore, nameOrArn: string): Role {
  const name = friendlyName(nameOrArn);
  const role = store.roles.get(name);
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

/** The role of an instance profile, by the profile's name or ARN. @throws ServiceError NoSuchEntity */
export function roleOfInstanceProfile(store: IamStore, nameOrArn: string): Role {
  const name = friendlyName(nameOrArn);
  const role = store.instanceProfiles.get(name);
  if (role === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return requireRole(store, role);
}

/** The statements of all identity-based policies of a role. */
export function statementsOf(store: IamStore, role: Role): readonly Statement[] {
  const managed = [...role.managedPolicyArns].flatMap((arn) => store.managedPolicies.get(arn) ?? awsManagedPolicy(arn));
  return [...[...role.inlinePolicies.values()].flat(), ...managed];
}

/** What follows the path in an ARN: 'nodes' of 'arn:aws:iam::111122223333:role/cluster/nodes'. */
function friendlyName(nameOrArn: string): string {
  return nameOrArn.split('/').at(-1)!;
}

function noSuchEntity(message: string): ServiceError {
  return new ServiceError('NoSuchEntity', message, 404);
}
