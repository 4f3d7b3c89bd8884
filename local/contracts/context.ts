/** What every part of one running twin shares. */
export interface TwinContext {
  /** Temporary folder of this run; removed when the twin stops. */
  readonly root: string;
  readonly network: LoopbackNetwork;
  readonly time: TwinTime;
  readonly faults: FaultPlan;
  /** Call after any change that `view()` of a part would show. The console pushes a new snapshot. */
  readonly changed: () => void;
  /** Free-form line for the twin's own log file (never secrets). */
  readonly log: (source: string, message: string) => void;
}

/** The addresses of one twin: a 127.x.0.0/16 of its own, so that several twins run side by side. */
export interface LoopbackNetwork {
  /** AWS endpoints listen here. */
  readonly cloudAddress: string;
  /** Telegram, the shim server and other twin-only servers listen here. */
  readonly hostAddress: string;
  /** An instance address inside a subnet, e.g. subnet '10.0.1.0/24' -> '127.x.1.10'. */
  instanceAddress(subnetCidr: string): string;
  /** A pod address on the node with the given index (0, 1, 2 ...). Port numbers are the pod's own. */
  podAddress(nodeIndex: number): string;
  loadBalancerAddress(): string;
  /** What a Service's cluster IP stands for. */
  serviceAddress(): string;
}

/** Simulated waiting (boots, package downloads, schedules) runs `scale` times faster than real time. */
export interface TwinTime {
  readonly scale: number;
  /** Real milliseconds that stand for the given simulated seconds. */
  milliseconds(simulatedSeconds: number): number;
  /** Waits `simulatedSeconds`, scaled; rejects with the signal's reason when aborted. */
  wait(simulatedSeconds: number, signal?: AbortSignal): Promise<void>;
}

/** Named faults, consumed as they strike: `take` is true at most as often as the plan says. */
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
  /** subject: Auto Scaling lifecycle hook name. The lifecycle event is never delivered. */
  | 'lifecycle-event-lost';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}
