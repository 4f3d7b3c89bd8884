/** What all components of one running twin share. */
export interface TwinContext {
  /** Temporary folder of this run; removed when the twin stops. */
  readonly root: string;
  readonly network: LoopbackNetwork;
  readonly time: TwinTime;
  readonly faults: FaultPlan;
  /** To be called after any change that a component's `view()` shows: the console then sends a new snapshot. */
  readonly changed: () => void;
  /** Adds a line to the twin's log file. Never pass secrets. */
  readonly log: (source: string, message: string) => void;
}

/** The addresses of one twin: a 127.x.0.0/16 of its own, so that several twins can run at the same time. */
export interface LoopbackNetwork {
  /** For the AWS endpoint. */
  readonly cloudAddress: string;
  /** For Telegram, the shim server and other servers that exist only in the twin. */
  readonly hostAddress: string;
  /** A new address for an instance in a subnet: '127.x.1.10' for the subnet '10.0.1.0/24'. */
  instanceAddress(subnetCidr: string): string;
  /** A new address for a pod on the node with an index (0, 1, 2 ...). Ports are the pod's own. */
  podAddress(nodeIndex: number): string;
  loadBalancerAddress(): string;
  /** A new address in place of a Service's cluster IP. */
  serviceAddress(): string;
}

/** Time that is only simulated (boots, package downloads, schedules) passes `scale` times faster than real time. */
export interface TwinTime {
  readonly scale: number;
  /** Real milliseconds for simulated seconds. */
  milliseconds(simulatedSeconds: number): number;
  /** Waits for simulated seconds. Rejects with the signal's reason when it is aborted. */
  wait(simulatedSeconds: number, signal?: AbortSignal): Promise<void>;
  /** Unix milliseconds by the twin's clock: what tokens, certificates, Lambda functions and scripts go by. */
  now(): number;
  /** How far the twin's clock is ahead of this machine's. */
  readonly aheadSeconds: number;
  moveAhead(seconds: number): void;
  /** Calls `listener` after each move. Returns a function that removes the listener. */
  onMoved(listener: (seconds: number) => void): () => void;
}

/** Faults to inject: `take` returns true as many times as the plan has the fault for the subject. */
export interface FaultPlan {
  take(name: FaultName, subject: string): boolean;
}

export type FaultName =
  /** subject: document name such as 'init-control-plane'. The script runs nothing and exits 1. */
  | 'document-fails'
  /** subject: document name. The command's status-change event is never delivered. */
  | 'command-event-lost'
  /** subject: document name. The command's event is delivered before SendCommand returns. */
  | 'command-event-early'
  /** subject: 'control-plane' or 'worker'. The SSM agent never registers. */
  | 'agent-never-online'
  /** subject: 'worker'. kubeadm join exits 1. */
  | 'join-fails'
  /** subject: 'worker'. kubeadm join is killed after the node has its identity and before the token is gone from its disk. */
  | 'join-interrupted'
  /** subject: 'control-plane'. The API server's first answer takes 100 s. */
  | 'api-server-slow'
  /** subject: 'control-plane' or 'worker'. EC2 does not know the instance yet, once for each time that it is asked. */
  | 'instance-unknown'
  /** subject: availability zone. RunInstances finds no capacity there, for one call of the SDK (four requests) without a number. */
  | 'no-capacity'
  /** subject: EventBridge rule name. A moved clock passes the times at which the rule was due without running it. */
  | 'schedule-missed'
  /** subject: DynamoDB table. A write meets another one's transaction. */
  | 'transaction-conflict'
  /** subject: Auto Scaling lifecycle hook name. The lifecycle event is never delivered. */
  | 'lifecycle-event-lost';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}
