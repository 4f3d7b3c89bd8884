import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { CaughtFailure } from '../shared/contracts.ts';

/** The state that failed, and what is known of its last attempt. */
export interface FailedState {
  readonly name: string;
  /** Physical name of the document that it ran. */
  readonly documentName?: string;
  /** Name of the function that it invoked. */
  readonly functionName?: string;
  /** EC2 instance in the task's input. */
  readonly instanceId?: string;
  /** How long it waited at most. */
  readonly timeoutSeconds?: number;
}

/**
 * Finds the state whose failure was caught, also inside the branches of Parallel states: the failure's own event leads back
 * to it along `previousEventId`. Attempts that were retried, and those aborted with a failed sibling branch, do not count.
 * @param events oldest first
 * @returns undefined if no event shows the failure (yet)
 */
export function findFailedState(events: readonly HistoryEvent[], failure: CaughtFailure): FailedState | undefined {
  const byId = new Map(events.map((event) => [event.id, event]));
  const continued = new Set(
    events
      .filter(({ type }) => /Scheduled$|StateAborted$/.test(type ?? ''))
      .map(({ previousEventId }) => previousEventId),
  );
  const failed = events.findLast((event) => isEventOf(event, failure) && !continued.has(event.id));
  if (failed === undefined) return undefined;
  let scheduled: HistoryEvent | undefined;
  for (
    let event: HistoryEvent | undefined = failed;
    event !== undefined;
    event = byId.get(event.previousEventId ?? 0)
  ) {
    const name = event.stateEnteredEventDetails?.name;
    if (name !== undefined) return { name, ...attemptOf(scheduled) };
    if (/Scheduled$/.test(event.type ?? '')) scheduled ??= event;
  }
  return undefined;
}

/** The state that was left last, which is by its Catch if the execution is about to fail. */
export function lastExitedState(events: readonly HistoryEvent[]): FailedState {
  const exited = events.findLast(({ stateExitedEventDetails }) => stateExitedEventDetails !== undefined);
  return { name: exited?.stateExitedEventDetails?.name ?? 'Execution' };
}

function isEventOf(event: HistoryEvent, { Error: error, Cause: cause }: CaughtFailure): boolean {
  const details = failureDetails(event);
  if (details === undefined) return false;
  // A timeout's event has no cause, and the error may be missing too.
  if (error === 'States.Timeout') return details.error === error || /TimedOut$/.test(event.type ?? '');
  return details.error === error && (details.cause ?? '') === (cause ?? '');
}

/** {error, cause} of e.g. lambdaFunctionFailedEventDetails, taskFailedEventDetails, taskTimedOutEventDetails. */
function failureDetails(event: HistoryEvent): { readonly error?: string; readonly cause?: string } | undefined {
  const [, details] =
    Object.entries(event).find(([member, value]) => /(?:Failed|TimedOut)EventDetails$/.test(member) && value) ?? [];
  return details as { error?: string; cause?: string } | undefined;
}

function attemptOf(scheduled: HistoryEvent | undefined): Omit<FailedState, 'name'> {
  const lambda = scheduled?.lambdaFunctionScheduledEventDetails;
  const task = scheduled?.taskScheduledEventDetails;
  const input = parseObject(lambda?.input ?? task?.parameters);
  const nested = input['Input'] ?? input['Payload'] ?? input;
  const { instanceId, documentName } = nested as Readonly<Record<string, unknown>>;
  const timeoutSeconds = lambda?.timeoutInSeconds ?? task?.timeoutInSeconds;
  const functionName = lambda?.resource?.split(':').at(-1);
  return {
    ...(typeof documentName === 'string' ? { documentName } : {}),
    ...(functionName === undefined ? {} : { functionName }),
    ...(typeof instanceId === 'string' ? { instanceId } : {}),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  };
}

/** @returns {} for what is not the JSON text of an object. */
export function parseObject(text: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
