import { setTimeout as wait } from 'node:timers/promises';
import { GetExecutionHistoryCommand, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { clientSettings } from '../shared/clients.ts';
import { type CaughtFailure, caughtFailure, name } from '../shared/contracts.ts';
import { task } from '../shared/task.ts';
import { explain, hasReachableAgent } from './explain.ts';
import { type FailedState, findFailedState, lastExitedState } from './failed-state.ts';
import { nextStepAfter } from './next-step.ts';

const input = z.strictObject({
  /** Of the execution that calls this function: `$$.Execution.Id`. */
  executionArn: name,
  failure: caughtFailure,
  /** What a person does in any case, as a verb phrase. */
  nextStep: name,
});

interface FailureDescription {
  /** e.g. InitControlPlaneFailed */
  readonly error: string;
  /** '<state> failed: <why> — next: <what a person does>' */
  readonly cause: string;
  readonly state: string;
  /** Instance that the failed state concerned; absent if there is none, or if no agent there could run a document. */
  readonly instanceId?: string;
}

/** The history may lag behind the execution: how often it is read until it shows the failure, and the pause between. */
const maxReads = 4;
const pauseMilliseconds = 1_000;

const stepFunctions = new SFNClient(clientSettings);

/** Explains to a person why the calling execution fails. Calls states:GetExecutionHistory. */
export const handler = task(
  input,
  async ({ executionArn, failure, nextStep }, { signal }): Promise<FailureDescription> => {
    const state = await findState(executionArn, failure, signal);
    const { error, text } = explain(failure, state);
    return {
      error: `${state.name}Failed`,
      cause: `${state.name} failed: ${text} — next: ${nextStepAfter(error, nextStep)}`,
      state: state.name,
      ...(state.instanceId !== undefined && hasReachableAgent(error) ? { instanceId: state.instanceId } : {}),
    };
  },
);

async function findState(executionArn: string, failure: CaughtFailure, signal: AbortSignal): Promise<FailedState> {
  for (let read = 1; ; read += 1) {
    const events = await readHistory(executionArn, signal);
    const found = findFailedState(events, failure);
    if (found !== undefined) return found;
    // Not every failure has an event of its own, e.g. a path that does not exist: then the state that was left last.
    if (read === maxReads) return lastExitedState(events);
    await wait(pauseMilliseconds, undefined, { signal });
  }
}

/** Oldest first. A history has 25,000 events at most, a page up to 1,000. */
async function readHistory(executionArn: string, abortSignal: AbortSignal): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const query = new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000, nextToken });
    const page = await stepFunctions.send(query, { abortSignal });
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}
