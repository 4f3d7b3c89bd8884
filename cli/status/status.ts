import type { WorkerGroup } from '../aws/worker-group.ts';

/** What `./stepkube status` knows of a cluster; with --output json it is the output. Times are ISO 8601. */
export interface ClusterStatus {
  readonly cluster: string;
  readonly region: string;
  readonly stack: { readonly name: string; readonly status: string };
  /** One, unless the cluster is not born yet or somebody has to decide which one stays. */
  readonly controlPlanes: readonly InstanceStatus[];
  readonly workers: WorkerGroup;
  /** The latest of each machine that has run. */
  readonly executions: readonly ExecutionStatus[];
  readonly secrets: readonly SecretStatus[];
  /** What needs somebody, each with the next step. */
  readonly attention: readonly string[];
}

export interface InstanceStatus {
  readonly instanceId: string;
  /** As EC2 names it. */
  readonly state: string;
  readonly zone: string;
  readonly launchedAt?: string;
}

export interface ExecutionStatus {
  /** Without the cluster's name. */
  readonly machine: string;
  readonly name: string;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Of one that failed. */
  readonly cause?: string;
}

export interface SecretStatus {
  readonly name: string;
  /** Absent while it has no value. */
  readonly changedAt?: string;
}
