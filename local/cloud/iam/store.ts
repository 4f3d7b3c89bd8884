/** Roles, policies and instance profiles of the template. */
import { ServiceError } from '../service.ts';
import { awsManagedPolicy } from './managed-policies.ts';
import type { Statement } from './policy-document.ts';

export interface Role {
  readonly name: string;
  readonly arn: string;
  /** Who may become this role. */
  readonly trust: readonly Statement[];
  /** Inline policies by name. */
  readonly inline: Map<string, readonly Statement[]>;
  readonly managedPolicyArns: Set<string>;
}

export interface OidcProvider {
  readonly arn: string;
  /** Issuer URL. */
  readonly url: string;
  readonly clientIds: readonly string[];
}

export interface IdentityStore {
  readonly roles: Map<string, Role>;
  /** The template's own managed policies by ARN. */
  readonly policies: Map<string, readonly Statement[]>;
  /** Instance profile name -> role name. */
  readonly instanceProfiles: Map<string, string>;
  readonly oidcProviders: OidcProvider[];
}

export function createIdentityStore(): IdentityStore {
  return { roles: new Map(), policies: new Map(), instanceProfiles: new Map(), oidcProviders: [] };
}

/** A role by its name or ARN. @throws ServiceError NoSuchEntity */
export function requireRole(store: IdentityStore, nameOrArn: string): Role {
  const name = nameOrArn.split('/').at(-1)!;
  const role = store.roles.get(name);
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

/** A role by its instance profile's name or ARN. @throws ServiceError NoSuchEntity */
export function roleOfInstanceProfile(store: IdentityStore, nameOrArn: string): Role {
  const name = nameOrArn.split('/').at(-1)!;
  const role = store.instanceProfiles.get(name);
  if (role === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return requireRole(store, role);
}

/** Everything a role's policies say. */
export function statementsOf(store: IdentityStore, role: Role): readonly Statement[] {
  const managed = [...role.managedPolicyArns].flatMap((arn) => store.policies.get(arn) ?? awsManagedPolicy(arn));
  return [...[...role.inline.values()].flat(), ...managed];
}

function noSuchEntity(message: string): ServiceError {
  return new ServiceError('NoSuchEntity', message, 404);
}
