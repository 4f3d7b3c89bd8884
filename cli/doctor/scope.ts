import type { ClusterConfig } from '#infra/config.ts';

/** What ARNs and host names are made of. `accountId` is `*` while nobody is signed in. */
export interface Scope {
  readonly config: ClusterConfig;
  readonly partition: string;
  readonly accountId: string;
}

/** A region's partition, the domain of its endpoints, and a region of the partition that every account has. */
export function partitionOf(region: string): { partition: string; dnsSuffix: string; home: string } {
  if (region.startsWith('cn-')) return { partition: 'aws-cn', dnsSuffix: 'amazonaws.com.cn', home: 'cn-north-1' };
  if (region.startsWith('us-gov-')) {
    return { partition: 'aws-us-gov', dnsSuffix: 'amazonaws.com', home: 'us-gov-west-1' };
  }
  return { partition: 'aws', dnsSuffix: 'amazonaws.com', home: 'us-east-1' };
}

/** The endpoint of a service in a region, or an account's own below it. */
export function hostOf(service: string, region: string): string {
  return `${service}.${region}.${partitionOf(region).dnsSuffix}`;
}
