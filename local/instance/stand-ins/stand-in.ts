/** What a stand-in is: a function from a call to what the program would have printed. */
import type { Instance } from '../instance.ts';

export interface StandInCall {
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

export interface StandInResult {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

export type StandIn = (call: StandInCall) => StandInResult | Promise<StandInResult>;

/** A program's own failure: message on stderr, exit code. */
export class StandInError extends Error {
  override readonly name = 'StandInError';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Simulated seconds that the program takes. */
export function takes(call: StandInCall, simulatedSeconds: number): Promise<void> {
  return call.instance.context.time.wait(simulatedSeconds, call.signal);
}
