import { GetEbsDefaultKmsKeyIdCommand } from '@aws-sdk/client-ec2';
import { z } from 'zod';
import type { AccountAccess } from '../account-access.ts';
import { type Check, type Finding, ok, onEverything, problem } from '../check.ts';
import { missingOperations } from '../key-grantees.ts';
import { hostOf } from '../scope.ts';

const described = z.object({
  KeyMetadata: z.object({ Arn: z.string(), KeyManager: z.string(), KeyState: z.string() }),
});
const policyAnswer = z.object({ Policy: z.string() });
const grantsAnswer = z.object({ Grants: z.array(z.object({ Operations: z.array(z.string()) })) });

/** Volumes are encrypted with the region's default key. One of the account's own must be shared with who launches instances. */
export const ebsKey: Check = {
  name: 'ebs-key',
  permissions: ({ config, partition }) => [
    ...onEverything('ec2:GetEbsDefaultKmsKeyId'),
    // The key may be another account's.
    ...['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:ListGrants'].map((action) => ({
      action,
      resources: [`arn:${partition}:kms:${config.region}:*:key/*`],
    })),
  ],
  async examine(account) {
    const { ec2, ask } = account;
    const { KmsKeyId = '' } = await ask('ec2:GetEbsDefaultKmsKeyId', () =>
      ec2.send(new GetEbsDefaultKmsKeyIdCommand()),
    );
    if (KmsKeyId === '' || KmsKeyId.endsWith('alias/aws/ebs')) return ok('volumes are encrypted with the key of AWS');
    const { KeyMetadata: key } = described.parse(await callKms(account, 'DescribeKey', { KeyId: KmsKeyId }));
    if (key.KeyManager === 'AWS') return ok('volumes are encrypted with the key of AWS');
    if (key.KeyState !== 'Enabled') {
      return problem(
        `the default key for volumes, ${key.Arn}, is ${key.KeyState}`,
        'Enable it, or return to the key of AWS: aws ec2 reset-ebs-default-kms-key-id',
      );
    }
    return examineKey(account, key.Arn);
  },
};

async function examineKey(account: AccountAccess, keyArn: string): Promise<Finding> {
  const { accountId, partition, config } = account;
  const autoScaling = `arn:${partition}:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;
  const [policy, { Grants: grants }] = await Promise.all([
    callKms(account, 'GetKeyPolicy', { KeyId: keyArn, PolicyName: 'default' }).then((answer) =>
      policyAnswer.parse(answer),
    ),
    callKms(account, 'ListGrants', { KeyId: keyArn, GranteePrincipal: autoScaling, Limit: 100 }).then((answer) =>
      grantsAnswer.parse(answer),
    ),
  ]);
  const common = { accountId, region: config.region };
  // Workers are launched by Auto Scaling's service-linked role, the control plane by a role that does not exist yet.
  const users = [
    {
      what: "Auto Scaling's service-linked role",
      missing: missingOperations(policy.Policy, grants, { ...common, arn: autoScaling }),
    },
    {
      what: 'the function that launches the control plane',
      missing: missingOperations(policy.Policy, [], { ...common, arn: undefined }),
    },
  ];
  const refused = users.filter(({ missing }) => missing.length > 0);
  if (refused.length === 0) return ok(`volumes are encrypted with ${keyArn}, which the account may use through EC2`);
  const lacks = refused.map(({ what, missing }) => `${what} (${missing.join(', ')})`).join(' and ');
  return problem(
    `the default key for volumes, ${keyArn}, does not let in ${lacks}`,
    `Add a statement to its policy as the key of AWS has it: Principal "*" with the conditions kms:CallerAccount ${accountId} and kms:ViaService ec2.${config.region}.amazonaws.com. Or return to the key of AWS: aws ec2 reset-ebs-default-kms-key-id`,
  );
}

function callKms(
  { config: { region }, ask, callJson }: AccountAccess,
  operation: string,
  input: object,
): Promise<unknown> {
  const request = {
    service: 'kms',
    region,
    host: hostOf('kms', region),
    target: `TrentService.${operation}`,
    version: '1.1',
  } as const;
  return ask(`kms:${operation}`, () => callJson(request, input));
}
