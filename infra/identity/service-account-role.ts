import { Fn } from 'aws-cdk-lib';
import {
  type CfnOIDCProvider,
  type CfnRole,
  type PolicyStatement,
  Role,
  WebIdentityPrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { IssuerBucket } from './issuer-bucket.ts';

export const audience = 'sts.amazonaws.com';

export interface ServiceAccountRoleProps {
  readonly provider: CfnOIDCProvider;
  readonly issuer: IssuerBucket;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly statements: readonly PolicyStatement[];
}

/** A role that only the pods of one service account can assume, by the token that their manifest projects. */
export function serviceAccountRole(scope: Construct, id: string, props: ServiceAccountRoleProps): Role {
  const { provider, issuer, namespace, serviceAccount, statements } = props;
  const role = new Role(scope, id, {
    description: `Pods of service account ${namespace}/${serviceAccount}`,
    assumedBy: new WebIdentityPrincipal(provider.attrArn),
  });
  for (const statement of statements) role.addToPolicy(statement);

  // The condition keys hold the bucket's name, known at deployment only: CloudFormation fills values into text, not into keys.
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: '${Provider}' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            '${IssuerHost}:sub': `system:serviceaccount:${namespace}:${serviceAccount}`,
            '${IssuerHost}:aud': audience,
          },
        },
      },
    ],
  };
  const resource = role.node.defaultChild as CfnRole;
  resource.assumeRolePolicyDocument = Fn.sub(JSON.stringify(trust), {
    Provider: provider.attrArn,
    IssuerHost: issuer.host,
  });
  return role;
}
