/** The interface of local/cloud to local/twin.ts. */
import type { Credentials, TwinContext } from './context.ts';
import type { InstanceHost } from './instance.ts';
import type { CloudView } from './views.ts';

export interface CloudOptions {
  readonly context: TwinContext;
  /** Folder of the CDK cloud assembly (cdk.out): the synthesized template and its assets. */
  readonly assemblyFolder: string;
  readonly stackName: string;
  readonly region: string;
  readonly instances: InstanceHost;
}

/** A running cloud with the stack deployed. */
export interface Cloud {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** The stack's outputs by key. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Credentials with full access, for the CLI and the twin itself. */
  readonly operatorCredentials: Credentials;
  /** Takes a running instance back, as EC2 does with a spot instance: a warning, and two simulated minutes later its end. */
  interruptInstance(instanceId: string): Promise<void>;
  view(): CloudView;
  stop(): Promise<void>;
}
