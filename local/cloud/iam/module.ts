import { physicalName } from '../physical-name.ts';
import type { CloudModule, ResourceProvider, TemplateResource } from '../service.ts';
import { parsePolicyDocument } from './policy-document.ts';
import { type IdentityStore, requireRole } from './store.ts';

export interface IdentityModuleOptions {
  readonly store: IdentityStore;
  readonly stackName: string;
  readonly accountId: string;
}

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}

/** IAM: the template's roles, policies, instance profiles and OIDC providers. It serves no API: nothing shipped calls it. */
export function createIdentityModule({ store, stackName, accountId }: IdentityModuleOptions): CloudModule {
  const arn = (resource: string) => `arn:aws:iam::${accountId}:${resource}`;

  function createRole({ logicalId, properties }: TemplateResource) {
    const name: string = properties.RoleName ?? physicalName(stackName, logicalId);
    const roleArn = arn(`role${properties.Path ?? '/'}${name}`);
    const inline: readonly InlinePolicy[] = properties.Policies ?? [];
    store.roles.set(name, {
      name,
      arn: roleArn,
      trust: parsePolicyDocument(properties.AssumeRolePolicyDocument),
      inline: new Map(inline.map((policy) => [policy.PolicyName, parsePolicyDocument(policy.PolicyDocument)])),
      managedPolicyArns: new Set<string>(properties.ManagedPolicyArns ?? []),
    });
    return { ref: name, attributes: { Arn: roleArn, RoleId: `AROA${logicalId.toUpperCase().slice(0, 16)}` } };
  }

  function createPolicy({ logicalId, properties }: TemplateResource) {
    const statements = parsePolicyDocument(properties.PolicyDocument);
    const name: string = properties.PolicyName ?? logicalId;
    for (const role of properties.Roles ?? []) requireRole(store, role).inline.set(name, statements);
    return { ref: name };
  }

  function createManagedPolicy({ logicalId, properties }: TemplateResource) {
    const name = properties.ManagedPolicyName ?? physicalName(stackName, logicalId);
    const policyArn = arn(`policy${properties.Path ?? '/'}${name}`);
    store.policies.set(policyArn, parsePolicyDocument(properties.PolicyDocument));
    for (const role of properties.Roles ?? []) requireRole(store, role).managedPolicyArns.add(policyArn);
    return { ref: policyArn, attributes: { PolicyArn: policyArn } };
  }

  function createInstanceProfile({ logicalId, properties }: TemplateResource) {
    const name: string = properties.InstanceProfileName ?? physicalName(stackName, logicalId);
    store.instanceProfiles.set(name, requireRole(store, properties.Roles[0]).name);
    return { ref: name, attributes: { Arn: arn(`instance-profile${properties.Path ?? '/'}${name}`) } };
  }

  function createOidcProvider({ properties }: TemplateResource) {
    const url: string = properties.Url;
    const providerArn = arn(`oidc-provider/${url.replace(/^https:\/\//, '')}`);
    store.oidcProviders.push({ arn: providerArn, url, clientIds: properties.ClientIdList ?? [] });
    return { ref: providerArn, attributes: { Arn: providerArn } };
  }

  const providers: readonly ResourceProvider[] = [
    { type: 'AWS::IAM::Role', create: createRole },
    { type: 'AWS::IAM::Policy', create: createPolicy },
    { type: 'AWS::IAM::RolePolicy', create: createRolePolicy },
    { type: 'AWS::IAM::ManagedPolicy', create: createManagedPolicy },
    { type: 'AWS::IAM::InstanceProfile', create: createInstanceProfile },
    { type: 'AWS::IAM::OIDCProvider', create: createOidcProvider },
  ];

  function createRolePolicy({ properties }: TemplateResource) {
    requireRole(store, properties.RoleName).inline.set(
      properties.PolicyName,
      parsePolicyDocument(properties.PolicyDocument),
    );
    return { ref: properties.PolicyName };
  }

  return { services: [], providers };
}
