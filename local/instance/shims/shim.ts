/** A shim: a function that does what a program would, from one call of it to its output and exit code. */
import type { Instance } from '../state/instance.ts';

export interface ShimCall {
  readonly instance: Instance;
  /** The path under which the program was started. */
  readonly program: string;
  readonly workingFolder: string;
  /** $KUBECONFIG; '' when unset. */
  readonly kubeconfig: string;
  /** $AWS_DEFAULT_REGION; '' when unset. */
  readonly awsRegion: string;
  /** Arguments without the program. */
  readonly argv: readonly string[];
  /** Aborted when the caller ends or its instance is terminated. */
  readonly signal: AbortSignal;
}

export interface ShimResult {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export type Shim = (call: ShimCall) => ShimResult | Promise<ShimResult>;

/** A failure that the real program would have too: its message on stderr and its exit code. */
export class ShimError extends Error {
  override readonly name = 'ShimError';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Waits for as long as the real program would take, in simulated seconds. */
export function takes(call: ShimCall, simulatedSeconds: number): Promise<void> {
  return call.instance.context.time.wait(simulatedSeconds, call.signal);
}
