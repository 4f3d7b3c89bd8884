import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { type Operation, operation } from '../operation.ts';
import { physicalName } from '../physical-name.ts';
import { provider } from '../resource.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { functionLog, type LogEvent } from './function-log.ts';

const groupInput = z.object({ logGroupName: z.string() });
const streamInput = groupInput.extend({ logStreamName: z.string() });
const putLogEventsInput = streamInput.extend({
  logEvents: z.array(z.object({ timestamp: z.number(), message: z.string() })).default([]),
});
/** Times are Unix milliseconds; both ends are included, as with CloudWatch. */
const filterInput = groupInput.extend({
  startTime: z.number().default(0),
  endTime: z.number().default(Number.MAX_SAFE_INTEGER),
  limit: z.number().int().min(1).max(10_000).default(10_000),
  nextToken: z.string().regex(/^\d+$/, { error: 'The specified nextToken is invalid.' }).default('0'),
});
const describeGroupsInput = z.object({ logGroupNamePrefix: z.string().default('') });

/** Of a stream: what is older is in its file only. */
const keptEvents = 10_000;

/** CloudWatch Logs: log streams are files under the twin's `logs` folder. */
export function createLogsModule(core: CloudCore): CloudModule {
  /** Log group name -> name of a stream -> its events. */
  const groups = new Map<string, Map<string, LogEvent[]>>();
  const groupArn = (name: string) => arnOf(core, 'logs', `log-group:${name}`);

  const requiredStreams = (groupName: string): Map<string, LogEvent[]> => {
    const streams = groups.get(groupName);
    if (streams === undefined) {
      throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
    return streams;
  };

  const operations: Readonly<Record<string, Operation>> = {
    CreateLogStream: operation(streamInput, ({ logGroupName, logStreamName }) => {
      const streams = requiredStreams(logGroupName);
      if (streams.has(logStreamName)) {
        throw new ServiceError('ResourceAlreadyExistsException', 'The specified log stream already exists');
      }
      streams.set(logStreamName, []);
      return {};
    }),

    PutLogEvents: operation(putLogEventsInput, ({ logGroupName, logStreamName, logEvents }) => {
      const events = requiredStreams(logGroupName).get(logStreamName);
      if (events === undefined) {
        throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      events.push(...logEvents);
      events.splice(0, Math.max(0, events.length - keptEvents));
      const lines = logEvents.map(({ timestamp, message }) => `${new Date(timestamp).toISOString()} ${message}\n`);
      appendToFile(core.context.root, { logGroupName, logStreamName }, lines.join(''));
      return {};
    }),

    FilterLogEvents: operation(filterInput, ({ logGroupName, startTime, endTime, limit, nextToken }) => {
      const put = [...requiredStreams(logGroupName)].flatMap(([logStreamName, events]) =>
        events.map((event) => ({ logStreamName, ...event })),
      );
      const wanted = [...put, ...functionLog(core.context.root, logGroupName)]
        .filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime)
        .toSorted((a, b) => a.timestamp - b.timestamp);
      const from = Number(nextToken);
      const isCut = from + limit < wanted.length;
      return { events: wanted.slice(from, from + limit), ...(isCut && { nextToken: String(from + limit) }) };
    }),

    DescribeLogGroups: operation(describeGroupsInput, ({ logGroupNamePrefix }) => ({
      logGroups: [...groups.keys()]
        .filter((name) => name.startsWith(logGroupNamePrefix))
        .map((logGroupName) => ({ logGroupName, arn: `${groupArn(logGroupName)}:*` })),
    })),

    DescribeLogStreams: operation(groupInput, ({ logGroupName }) => ({
      logStreams: [...requiredStreams(logGroupName).keys()].map((logStreamName) => ({ logStreamName })),
    })),
  };

  const groupProvider = provider(
    'AWS::Logs::LogGroup',
    z.object({ LogGroupName: z.string().optional() }),
    ({ logicalId, properties }) => {
      const name = properties.LogGroupName ?? physicalName(core.options.stackName, logicalId);
      groups.set(name, new Map());
      return { ref: name, attributes: { Arn: `${groupArn(name)}:*` } };
    },
  );

  return {
    services: [
      {
        name: 'logs',
        operations,
        resourcesOf: (operation, { logGroupName, logStreamName }) => {
          if (operation === 'DescribeLogGroups') return [`${groupArn('')}:log-stream:`];
          const group = groupArn(String(logGroupName));
          return [operation === 'PutLogEvents' ? `${group}:log-stream:${logStreamName}` : `${group}:*`];
        },
      },
    ],
    providers: [groupProvider],
  };
}

/** For people who look into the twin's folder. */
function appendToFile(root: string, { logGroupName, logStreamName }: z.output<typeof streamInput>, text: string): void {
  const file = join(root, 'logs', ...logGroupName.split('/'), `${logStreamName.replaceAll('/', '_')}.log`);
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, text);
}
