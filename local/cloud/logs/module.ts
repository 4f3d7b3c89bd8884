import { z } from 'zod';
import { arnOf } from '../arns.ts';
import { type Operation, operation } from '../operation.ts';
import { physicalName } from '../physical-name.ts';
import { provider } from '../resource.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';

const groupInput = z.object({ logGroupName: z.string() });
const streamInput = groupInput.extend({ logStreamName: z.string() });
const putLogEventsInput = streamInput.extend({
  logEvents: z.array(z.object({ timestamp: z.number(), message: z.string() })).default([]),
});
const describeGroupsInput = z.object({ logGroupNamePrefix: z.string().default('') });

/** CloudWatch Logs: log streams are files under the twin's `logs` folder. */
export function createLogsModule(core: CloudCore): CloudModule {
  /** Log group name -> names of its streams. */
  const groups = new Map<string, Set<string>>();
  const groupArn = (name: string) => arnOf(core, 'logs', `log-group:${name}`);

  const requiredStreams = (groupName: string): Set<string> => {
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
      streams.add(logStreamName);
      return {};
    }),

    PutLogEvents: operation(putLogEventsInput, ({ logGroupName, logStreamName, logEvents }) => {
      if (!requiredStreams(logGroupName).has(logStreamName)) {
        throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      const lines = logEvents.map(({ timestamp, message }) => `${new Date(timestamp).toISOString()} ${message}\n`);
      core.appendLog(logGroupName, logStreamName, lines.join(''));
      return {};
    }),

    DescribeLogGroups: operation(describeGroupsInput, ({ logGroupNamePrefix }) => ({
      logGroups: [...groups.keys()]
        .filter((name) => name.startsWith(logGroupNamePrefix))
        .map((logGroupName) => ({ logGroupName, arn: `${groupArn(logGroupName)}:*` })),
    })),

    DescribeLogStreams: operation(groupInput, ({ logGroupName }) => ({
      logStreams: [...requiredStreams(logGroupName)].map((logStreamName) => ({ logStreamName })),
    })),
  };

  const groupProvider = provider(
    'AWS::Logs::LogGroup',
    z.object({ LogGroupName: z.string().optional() }),
    ({ logicalId, properties }) => {
      const name = properties.LogGroupName ?? physicalName(core.options.stackName, logicalId);
      groups.set(name, new Set());
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
