import type { CloudCore } from '../service.ts';
import type { Callback } from './token-store.ts';

/** One attempt of a Task state. */
export interface TaskAttempt {
  readonly core: CloudCore;
  /** The state machine's role, as which the task calls other services. */
  readonly roleArn: string;
  /** The Task state's Resource field. */
  readonly resource: string;
  readonly input: unknown;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  /** Aborted when the attempt's result is no longer needed. */
  readonly signal: AbortSignal;
  /** Opens the callback of this attempt's task token. */
  readonly openCallback: () => Callback;
  /** Settles when the execution with this ARN has ended. */
  readonly executionEnd: (executionArn: string) => Promise<void>;
  /** Adds an event to the history. @param type e.g. 'TaskScheduled' */
  readonly record: (type: string, details?: object) => void;
}
