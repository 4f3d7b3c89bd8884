import { setTimeout as delay } from 'node:timers/promises';
import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { ExecutionProgress } from './progress.ts';

/**
 * Follows an execution to its end and calls `onProgress` after each change.
 * Polls the history: an event subscription would need infrastructure in the account.
 * @param pollMilliseconds pause between reads; GetExecutionHistory allows 20 a second per account.
 */
export async function followExecution(
  client: SFNClient,
  executionArn: string,
  onProgress: (progress: ExecutionProgress) => void,
  { pollMilliseconds, signal }: { readonly pollMilliseconds: number; readonly signal?: AbortSignal | undefined },
): Promise<ExecutionProgress> {
  const progress = new ExecutionProgress();
  while (progress.end === undefined) {
    const before = progress.newestEventId;
    progress.add(await newerEvents(client, executionArn, before, signal));
    if (progress.newestEventId > before) onProgress(progress);
    if (progress.end === undefined) await delay(pollMilliseconds, undefined, signal ? { signal } : {});
  }
  return progress;
}

/** How far an execution has come by now. */
export async function readProgress(
  client: SFNClient,
  executionArn: string,
  signal?: AbortSignal,
): Promise<ExecutionProgress> {
  const progress = new ExecutionProgress();
  progress.add(await newerEvents(client, executionArn, 0, signal));
  return progress;
}

/** Newest first, so that a long history is not read again from its start. */
async function newerEvents(client: SFNClient, executionArn: string, after: number, signal?: AbortSignal) {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new GetExecutionHistoryCommand({
        executionArn,
        reverseOrder: true,
        maxResults: 200,
        includeExecutionData: true,
        nextToken,
      }),
      signal ? { abortSignal: signal } : {},
    );
    events.push(...(page.events ?? []));
    nextToken = (events.at(-1)?.id ?? 0) > after ? page.nextToken : undefined;
  } while (nextToken !== undefined);
  return events;
}
