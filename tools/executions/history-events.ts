/** What single events of an execution's history say. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';

export interface Failure {
  readonly error: string;
  /** Empty when the service gives none, as with most timeouts. */
  readonly cause: string;
}

/** @returns undefined for an event that is no failure */
export function failureOf(event: HistoryEvent): Failure | undefined {
  const details =
    event.taskFailedEventDetails ??
    event.lambdaFunctionFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.taskStartFailedEventDetails ??
    event.lambdaFunctionScheduleFailedEventDetails ??
    event.lambdaFunctionStartFailedEventDetails ??
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails;
  return details && { error: details.error ?? event.type ?? 'Unknown', cause: details.cause ?? '' };
}

/** What a task has started that it waits for. */
export interface Started {
  readonly childExecutionArn?: string;
  readonly commandId?: string;
}

/** A task that starts an execution, or a command by start-command, tells so as soon as it has started it. */
export function startedBy({ taskSubmittedEventDetails: submitted }: HistoryEvent): Started {
  const output = JSON.parse(submitted?.output ?? '{}') as {
    ExecutionArn?: string;
    Payload?: { commandId?: string } | null;
  };
  return {
    ...(output.ExecutionArn !== undefined && { childExecutionArn: output.ExecutionArn }),
    ...(output.Payload?.commandId !== undefined && { commandId: output.Payload.commandId }),
  };
}
