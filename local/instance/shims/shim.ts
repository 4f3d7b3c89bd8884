/** What a shim is: a function from a call to what the program would have printed. */
import type { Instance } from '../instance.ts';

export interface ShimCall {
  readonly instance: Instance;
  /** Path under which the program was started. */
  readonly program: string;
  readonly workingFolder: string;
  /** Environment variables that some program reads; '' when unset. */
  readonly kubeconfig: string;
  readonly awsRegion: string;
  /** Arguments without the program. */
  readonly argv: readonly string[];
  /** Aborted when the caller or its instance is gone. */
  readonly signal: AbortSignal;
}

export interface ShimResult {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export type Shim = (call: ShimCall) => ShimResult | Promise<ShimResult>;

/** A program's own failure: message on stderr, exit code. */
export class ShimError extends Error {
  override readonly name = 'ShimError';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Simulated seconds that the program takes. */
export function takes(call: ShimCall, simulatedSeconds: number): Promise<void> {
  return call.instance.context.time.wait(simulatedSeconds, call.signal);
}
