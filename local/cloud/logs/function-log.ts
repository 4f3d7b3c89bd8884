/** What functions write: their processes write into a file each, without a call of CloudWatch Logs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LogEvent {
  /** Unix milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

const groupPrefix = '/aws/lambda/';

/** Path of a function's log. @param root folder of the twin */
export function functionLogFile(root: string, functionName: string): string {
  return join(root, 'logs', 'lambda', `${functionName}.log`);
}

/** The lines of the function that a log group belongs to, with the time that they tell, or that of the line before. */
export function functionLog(root: string, logGroupName: string): readonly (LogEvent & { logStreamName: string })[] {
  if (!logGroupName.startsWith(groupPrefix)) return [];
  const file = functionLogFile(root, logGroupName.slice(groupPrefix.length));
  if (!existsSync(file)) return [];
  let timestamp = 0;
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((message) => {
      const time = /"timestamp":"([^"]+)"/.exec(message)?.[1];
      if (time !== undefined) timestamp = Date.parse(time);
      return { logStreamName: '[$LATEST]', timestamp, message };
    });
}
