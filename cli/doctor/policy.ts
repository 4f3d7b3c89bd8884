import type { ClusterConfig } from '#infra/config.ts';
import { otherChecks, regionCheck } from './checks.ts';
import { partitionOf, type Scope } from './scope.ts';

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Effect: 'Allow';
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
  }[];
}

/** The IAM policy that allows what the checks call, and nothing else: a statement for each set of resources. */
export function doctorPolicy(config: ClusterConfig): PolicyDocument {
  const scope: Scope = { config, partition: partitionOf(config.region).partition, accountId: '*' };
  const permissions = [regionCheck, ...otherChecks].flatMap((check) => check.permissions(scope));
  const byResources = Map.groupBy(permissions, ({ resources }) => JSON.stringify(resources));
  const Statement = [...byResources.values()].map((group) => ({
    Effect: 'Allow' as const,
    Action: [...new Set(group.map(({ action }) => action))].sort(),
    Resource: group[0]!.resources,
  }));
  return { Version: '2012-10-17', Statement };
}
