import { z } from 'zod';
import { globalArnOf } from '../arns.ts';
import type { Core } from '../core.ts';
import { physicalName } from '../physical-name.ts';
import { provider } from '../resource.ts';
import type { CloudModule } from '../service.ts';
import { requireRole } from './iam-store.ts';
import { policyDocument } from './policy-document.ts';

const path = z.string().default('/');
const inlinePolicy = z.object({ PolicyName: z.string(), PolicyDocument: policyDocument });
const roleNames = z.array(z.string()).default([]);

const roleProperties = z.object({
  RoleName: z.string().optional(),
  Path: path,
  AssumeRolePolicyDocument: policyDocument,
  Policies: z.array(inlinePolicy).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
});
const policyProperties = inlinePolicy.extend({ Roles: roleNames });
const rolePolicyProperties = inlinePolicy.extend({ RoleName: z.string() });
const managedPolicyProperties = z.object({
  ManagedPolicyName: z.string().optional(),
  Path: path,
  PolicyDocument: policyDocument,
  Roles: roleNames,
});
const instanceProfileProperties = z.object({
  InstanceProfileName: z.string().optional(),
  Path: path,
  Roles: z.tuple([z.string()]),
});
const oidcProviderProperties = z.object({ Url: z.url(), ClientIdList: z.array(z.string()).default([]) });

/** IAM: the template's roles, policies, instance profiles and OIDC providers. No API is served: the project's code calls none. */
export function createIamModule({ iam, accountId, options: { stackName } }: Core): CloudModule {
  const arn = (resource: string) => globalArnOf(accountId, 'iam', resource);

  const providers = [
    provider('AWS::IAM::Role', roleProperties, ({ logicalId, properties }) => {
      const name = properties.RoleName ?? physicalName(stackName, logicalId);
      const roleArn = arn(`role${properties.Path}${name}`);
      iam.roles.set(name, {
        name,
        arn: roleArn,
        trustPolicy: properties.AssumeRolePolicyDocument,
        inlinePolicies: new Map(properties.Policies.map((policy) => [policy.PolicyName, policy.PolicyDocument])),
        managedPolicyArns: new Set(properties.ManagedPolicyArns),
      });
      return { ref: name, attributes: { Arn: roleArn, RoleId: `AROA${logicalId.toUpperCase().slice(0, 16)}` } };
    }),

    provider('AWS::IAM::Policy', policyProperties, ({ properties: { PolicyName, PolicyDocument, Roles } }) => {
      for (const role of Roles) requireRole(iam, role).inlinePolicies.set(PolicyName, PolicyDocument);
      return { ref: PolicyName };
    }),

    provider(
      'AWS::IAM::RolePolicy',
      rolePolicyProperties,
      ({ properties: { RoleName, PolicyName, PolicyDocument } }) => {
        requireRole(iam, RoleName).inlinePolicies.set(PolicyName, PolicyDocument);
        return { ref: PolicyName };
      },
    ),

    provider('AWS::IAM::ManagedPolicy', managedPolicyProperties, ({ logicalId, properties }) => {
      const name = properties.ManagedPolicyName ?? physicalName(stackName, logicalId);
      const policyArn = arn(`policy${properties.Path}${name}`);
      iam.managedPolicies.set(policyArn, properties.PolicyDocument);
      for (const role of properties.Roles) requireRole(iam, role).managedPolicyArns.add(policyArn);
      return { ref: policyArn, attributes: { PolicyArn: policyArn } };
    }),

    provider('AWS::IAM::InstanceProfile', instanceProfileProperties, ({ logicalId, properties }) => {
      const name = properties.InstanceProfileName ?? physicalName(stackName, logicalId);
      iam.instanceProfiles.set(name, requireRole(iam, properties.Roles[0]).name);
      return { ref: name, attributes: { Arn: arn(`instance-profile${properties.Path}${name}`) } };
    }),

    provider('AWS::IAM::OIDCProvider', oidcProviderProperties, ({ properties: { Url, ClientIdList } }) => {
      const providerArn = arn(`oidc-provider/${Url.replace(/^https:\/\//, '')}`);
      iam.oidcProviders.push({ arn: providerArn, url: Url, clientIds: ClientIdList });
      return { ref: providerArn, attributes: { Arn: providerArn } };
    }),
  ];

  return { services: [], providers };
}
