/** The interface of local/instance, which local/cloud uses. */
import type { Credentials } from './context.ts';

export interface InstanceSpec {
  readonly instanceId: string;
  readonly instanceType: string;
  readonly role: 'control-plane' | 'worker';
  readonly privateIp: string;
  /** ip-127-7-1-10.eu-central-1.compute.internal; in us-east-1 ip-127-7-1-10.ec2.internal */
  readonly privateDnsName: string;
  readonly availabilityZone: string;
  readonly region: string;
  readonly accountId: string;
  readonly tags: Readonly<Record<string, string>>;
  /** AWS endpoint of the twin. */
  readonly endpoint: string;
  /** New credentials of the instance profile's role. */
  readonly credentials: () => Credentials;
}

export interface CommandRun {
  readonly commandId: string;
  /** e.g. stepkube-install-runtime */
  readonly documentName: string;
  /** The AWS::SSM::Document's Content: schemaVersion 2.2 with one aws:runShellScript step. */
  readonly content: SsmDocumentContent;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
}

export interface SsmDocumentContent {
  readonly schemaVersion: '2.2';
  readonly parameters?: Readonly<Record<string, SsmDocumentParameter>>;
  readonly mainSteps: readonly {
    readonly action: 'aws:runShellScript';
    readonly name: string;
    readonly inputs: { readonly runCommand: readonly string[]; readonly timeoutSeconds?: string | number };
  }[];
}

export interface SsmDocumentParameter {
  readonly type: 'String';
  readonly description?: string;
  readonly default?: string;
  readonly allowedPattern?: string;
  readonly interpolationType?: 'ENV_VAR';
}

export interface CommandOutcome {
  readonly status: 'Success' | 'Failed' | 'TimedOut' | 'Cancelled';
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** EC2 instances as root folders and processes. */
export interface InstanceHost {
  /** Creates the root folder. `agentOnline` settles when the SSM agent registers; never with the fault agent-never-online. */
  boot(spec: InstanceSpec): { readonly agentOnline: Promise<{ readonly agentVersion: string }> };
  run(instanceId: string, command: CommandRun): Promise<CommandOutcome>;
  /** Ends every process of the instance; its disk stays. */
  powerOff(instanceId: string): Promise<void>;
  /** Boots an instance that was powered off, from its disk. */
  powerOn(instanceId: string): { readonly agentOnline: Promise<{ readonly agentVersion: string }> };
  /** Ends every process of the instance, its kubelet and pods included, and removes its folder. */
  terminate(instanceId: string): Promise<void>;
  stop(): Promise<void>;
}
