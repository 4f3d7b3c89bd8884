/** local/cloud as local/twin.ts sees it. */
import type { Credentials, TwinContext } from './context.ts';
import type { InstanceHost } from './instance.ts';
import type { CloudView } from './views.ts';

export interface CloudOptions {
  readonly context: TwinContext;
  /** CDK cloud assembly folder (cdk.out) with the synthesized template and its assets. */
  readonly assemblyFolder: string;
  readonly stackName: string;
  readonly region: string;
  readonly instances: InstanceHost;
}

/** AWS on loopback. */
export interface Cloud {
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  /** Stack outputs by output key. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Credentials of a person with full access, for the CLI and the twin itself. */
  readonly operatorCredentials: Credentials;
  view(): CloudView;
  stop(): Promise<void>;
}
