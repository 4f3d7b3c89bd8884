/** What the page and the terminal show of each component. */

export interface ExecutionView {
  readonly arn: string;
  readonly machine: string;
  readonly name: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly startedAt: string;
  readonly stoppedAt?: string;
  readonly error?: string;
  readonly cause?: string;
  /** Never has secrets: only their names are passed to state machines. */
  readonly input: unknown;
  readonly definition: object;
  readonly states: readonly StateView[];
}

export interface StateView {
  readonly name: string;
  readonly status: 'running' | 'succeeded' | 'failed';
  /** ISO 8601, as all times of views. */
  readonly enteredAt: string;
  readonly exitedAt?: string;
  readonly retries: number;
  readonly error?: string;
}

export interface InstanceView {
  readonly instanceId: string;
  readonly role: 'control-plane' | 'worker';
  readonly instanceType: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly state: string;
  readonly lifecycleState?: string;
  readonly agent: 'Online' | 'ConnectionLost' | 'none';
}

export interface GroupView {
  readonly name: string;
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface QueueView {
  readonly name: string;
  readonly visible: number;
  readonly inFlight: number;
  /** Since the oldest message was sent; absent for an empty queue. */
  readonly oldestSeconds?: number;
}

export interface AlarmView {
  readonly name: string;
  readonly description: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
}

/** What a topic told its subscribers. */
export interface NotificationView {
  readonly sentAt: string;
  readonly subject: string;
  readonly text: string;
}

export interface CloudView {
  readonly executions: readonly ExecutionView[];
  readonly instances: readonly InstanceView[];
  readonly groups: readonly GroupView[];
  readonly queues: readonly QueueView[];
  readonly alarms: readonly AlarmView[];
  readonly notifications: readonly NotificationView[];
}

export interface NodeView {
  readonly name: string;
  readonly instanceId: string;
  readonly role: 'control-plane' | 'worker';
  readonly ready: boolean;
  readonly reason?: string;
  readonly version: string;
}

export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly node?: string;
  readonly phase: string;
  readonly ready: boolean;
  /** Of all containers. */
  readonly restarts: number;
  /** false: the image is not the project's own, and the pod is simulated without a process. */
  readonly real: boolean;
  readonly reason?: string;
}

export interface ClusterView {
  readonly nodes: readonly NodeView[];
  readonly pods: readonly PodView[];
}
