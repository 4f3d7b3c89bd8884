import { type CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { FailedError } from '../errors.ts';

export interface LogLine {
  readonly id: string;
  /** ISO 8601 */
  readonly time: string;
  readonly stream: string;
  readonly text: string;
}

/** More than anybody reads; a shorter time shows the rest. */
const maxLines = 20_000;

/** The lines of a log group since a time (Unix milliseconds), by their time. @throws FailedError when there is no such group */
export async function readLines(
  client: CloudWatchLogsClient,
  { group, start }: { readonly group: string; readonly start: number },
  abortSignal: AbortSignal,
): Promise<readonly LogLine[]> {
  const lines: LogLine[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client
      .send(new FilterLogEventsCommand({ logGroupName: group, startTime: start, nextToken }), { abortSignal })
      .catch((error: Error) => {
        if (error.name !== 'ResourceNotFoundException') throw error;
        throw new FailedError(`the log group ${group} does not exist`, './stepkube deploy makes it');
      });
    for (const { eventId, timestamp = 0, logStreamName = '', message = '' } of page.events ?? []) {
      const time = new Date(timestamp).toISOString();
      const text = message.trimEnd();
      lines.push({ id: eventId ?? `${time} ${logStreamName} ${text}`, time, stream: logStreamName, text });
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined && lines.length < maxLines);
  return lines.toSorted((a, b) => a.time.localeCompare(b.time));
}
