import {
  DescribeInstanceTypesCommand,
  type _InstanceType as InstanceType,
  type InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import type { ClusterConfig } from '#infra/config.ts';
import type { AccountAccess } from './account-access.ts';

/** The instance types of the configuration, each once. */
export function configuredTypes({ controlPlane, workers }: ClusterConfig): readonly string[] {
  return [...new Set([controlPlane.instanceType, workers.instanceType])];
}

/** What EC2 says of these types; a type that the region does not know is missing. */
export async function describeTypes(
  { ec2, ask }: AccountAccess,
  types: readonly string[],
): Promise<ReadonlyMap<string, InstanceTypeInfo>> {
  const { InstanceTypes = [] } = await ask('ec2:DescribeInstanceTypes', () =>
    ec2.send(
      // A filter, because a list with one unknown type is refused as a whole.
      new DescribeInstanceTypesCommand({ Filters: [{ Name: 'instance-type', Values: types as InstanceType[] }] }),
    ),
  );
  return new Map(InstanceTypes.map((type) => [type.InstanceType ?? '', type]));
}
