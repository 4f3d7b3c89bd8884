import type { CloudCore, CloudModule, Operation } from '../service.ts';
import { ServiceError } from '../service.ts';

interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

/** CloudWatch Logs: what is written ends up in files under the twin's `logs` folder. */
export function createLogsModule(core: CloudCore): CloudModule {
  const groups = new Map<string, Set<string>>();

  const required = (name: string): Set<string> => {
    const streams = groups.get(name);
    if (streams === undefined) {
      throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
    }
    return streams;
  };
  const operations: Record<string, Operation> = {
    CreateLogStream: async (input) => {
      const streams = required(input.logGroupName);
      if (streams.has(input.logStreamName)) {
        throw new ServiceError('ResourceAlreadyExistsException', 'The specified log stream already exists');
      }
      streams.add(input.logStreamName);
      return {};
    },
    PutLogEvents: async (input) => {
      if (!required(input.logGroupName).has(input.logStreamName)) {
        throw new ServiceError('ResourceNotFoundException', 'The specified log stream does not exist.');
      }
      const events: readonly LogEvent[] = input.logEvents ?? [];
      const lines = events.map(({ timestamp, message }) => `${new Date(timestamp).toISOString()} ${message}\n`);
      core.appendLog(input.logGroupName, input.logStreamName, lines.join(''));
      return {};
    },
    DescribeLogGroups: async (input) => ({
      logGroups: [...groups.keys()]
        .filter((name) => name.startsWith(input.logGroupNamePrefix ?? ''))
        .map((logGroupName) => ({ logGroupName, arn: `${arnOf(core, logGroupName)}:*` })),
    }),
    DescribeLogStreams: async (input) => ({
      logStreams: [...required(input.logGroupName)].map((logStreamName) => ({ logStreamName })),
    }),
  };

  return {
    services: [
      {
        name: 'logs',
        operations,
        resourcesOf: (operation, input) => {
          if (operation === 'DescribeLogGroups') return [`${arnOf(core, '')}:log-stream:`];
          const group = arnOf(core, String(input['logGroupName']));
          return [operation === 'PutLogEvents' ? `${group}:log-stream:${input['logStreamName']}` : `${group}:*`];
        },
      },
    ],
    providers: [
      {
        type: 'AWS::Logs::LogGroup',
        create: ({ logicalId, properties }) => {
          const ref: string = properties.LogGroupName ?? `${core.options.stackName}-${logicalId}`;
          groups.set(ref, new Set());
          return { ref, attributes: { Arn: `${arnOf(core, ref)}:*` } };
        },
      },
    ],
  };
}

function arnOf(core: CloudCore, logGroupName: string): string {
  return `arn:aws:logs:${core.region}:${core.accountId}:log-group:${logGroupName}`;
}
