import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { failureOf, type Started, startedBy } from './history-events.ts';

/**
 * What the history tells of one state of an execution, and what its newest attempt has started. Inputs and outputs are as Step Functions
 * keeps them: JSON texts.
 */
export interface StateDetails extends Started {
  readonly name: string;
  /** Of its last entry; a state of a loop is entered several times. */
  readonly input?: string;
  readonly output?: string;
  /** The oldest first. */
  readonly attempts: readonly Attempt[];
}

export interface Attempt {
  /** ISO 8601 */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** Of an attempt that failed. */
  readonly error?: string;
  readonly cause?: string;
}

/** Reads an execution's history for one of its states. Calls states:GetExecutionHistory. @returns undefined when it was never entered */
export async function readStateDetails(
  client: SFNClient,
  executionArn: string,
  name: string,
  abortSignal: AbortSignal,
): Promise<StateDetails | undefined> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const query = { executionArn, maxResults: 1000, includeExecutionData: true, nextToken };
    const page = await client.send(new GetExecutionHistoryCommand(query), { abortSignal });
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return stateDetailsOf(events, name);
}

/** @param events the oldest first */
export function stateDetailsOf(events: readonly HistoryEvent[], name: string): StateDetails | undefined {
  const ofState = new Set<number>();
  let details: Mutable<StateDetails> | undefined;
  let attempts: Mutable<Attempt>[] = [];
  for (const event of events) {
    const { id = 0, previousEventId = 0, stateEnteredEventDetails: entered, stateExitedEventDetails: exited } = event;
    if (entered !== undefined) {
      if (entered.name !== name) continue;
      attempts = [];
      details = { name, attempts, ...(entered.input !== undefined && { input: entered.input }) };
    } else if (!ofState.has(previousEventId)) continue;
    ofState.add(id);
    if (details === undefined) continue;
    if (exited?.output !== undefined) details.output = exited.output;
    // What follows a state's exit belongs to the next one.
    if (exited !== undefined) ofState.delete(id);
    note(event, attempts);
    Object.assign(details, startedBy(event));
  }
  return details;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function note(event: HistoryEvent, attempts: Mutable<Attempt>[]): void {
  const time = event.timestamp?.toISOString() ?? '';
  const type = event.type ?? '';
  if (/^(?:Task|LambdaFunction)Scheduled$/.test(type)) attempts.push({ startedAt: time });
  if (!/^(?:Task|LambdaFunction)(?:Succeeded|Failed|TimedOut|SubmitFailed|StartFailed|ScheduleFailed)$/.test(type))
    return;
  const newest = attempts.at(-1);
  if (newest === undefined) return;
  Object.assign(newest, { endedAt: time }, failureOf(event));
}
