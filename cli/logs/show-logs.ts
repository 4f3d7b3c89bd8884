import { setTimeout as wait } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { type Account, clientSettings } from '../aws/client-settings.ts';
import { stackOutput } from '../aws/stack-output.ts';
import { type LogLine, readLines } from './read-lines.ts';

export interface LogsRequest {
  readonly account: Account;
  readonly stackName: string;
  /** 'commands', or the name of a function. */
  readonly source: string;
  readonly sinceSeconds: number;
  readonly follow: boolean;
  readonly json: boolean;
}

/** CloudWatch's stream of new lines costs by the minute and has no end; asking is free within its quota of 25 calls a second. */
const pollSeconds = 5;
/** Lines arrive late and out of order: as far back is asked again, and what was shown is left out. */
const overlapMilliseconds = 30_000;

/** @throws StackNotDeployedError, FailedError when there is no such log yet */
export async function showLogs(request: LogsRequest, signal: AbortSignal): Promise<void> {
  const { account, stackName, source, sinceSeconds, follow, json } = request;
  const cluster = await stackOutput(stackName, 'ClusterName', account, signal);
  const group = source === 'commands' ? `/${cluster}/commands` : `/aws/lambda/${cluster}-${source}`;
  const client = new CloudWatchLogsClient(clientSettings(account));
  const start = Date.now() - sinceSeconds * 1000;
  const lines = await readLines(client, { group, start }, signal);
  if (json) return void console.log(JSON.stringify(lines, null, 2));
  for (const line of lines) show(line);
  if (lines.length === 0) console.error(`${group} has no lines in this time; --since 1d looks further back.`);
  if (!follow) return;
  for (let shown = lines; ; ) {
    await wait(pollSeconds * 1000, undefined, { signal });
    const next = await readLines(client, { group, start: Math.max(start, Date.now() - overlapMilliseconds) }, signal);
    const known = new Set(shown.map(({ id }) => id));
    for (const line of next) if (!known.has(line.id)) show(line);
    shown = next;
  }
}

const show = ({ time, stream, text }: LogLine) => console.log(`${time} ${stream} ${text}`);
