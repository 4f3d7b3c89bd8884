/** What `./stepkube status` knows of a cluster; with --output json it is the output. Times are ISO 8601. */
export interface ClusterStatus {
  readonly cluster: string;
  readonly region: string;
  readonly stack: { readonly name: string; readonly status: string };
  /** One, unless the cluster is not born yet or somebody has to decide which one stays. */
  readonly controlPlanes: readonly InstanceStatus[];
  readonly workers: WorkersStatus;
  /** The latest of each machine that has run. */
  readonly executions: readonly ExecutionStatus[];
  readonly secrets: readonly SecretStatus[];
  /** What needs somebody, each with the next step. */
  readonly attention: readonly string[];
}

export interface InstanceStatus {
  readonly instanceId: string;
  /** As EC2 names it for the control plane, as Auto Scaling does for a worker: InService, Pending:Wait. */
  readonly state: string;
  readonly zone: string;
  readonly launchedAt?: string;
}

export interface WorkersStatus {
  readonly group: string;
  readonly minimum: number;
  readonly desired: number;
  readonly maximum: number;
  /** Launches that cannot succeed have been stopped: docs/runbooks/launch-loop.md. */
  readonly launchesAreSuspended: boolean;
  readonly instances: readonly InstanceStatus[];
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
