import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

const logGroupName = '/test/commands';
let test: TestCloud;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Commands: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: logGroupName } },
      Drain: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/lambda/test-drain' } },
    },
  });
  logs = new CloudWatchLogsClient(test.client());
});

afterAll(async () => {
  logs.destroy();
  await test.stop();
});

it('PutLogEvents appends log events to a file under the logs folder', async () => {
  const logStreamName = 'c-1/i-1/stdout';
  await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  await logs.send(
    new PutLogEventsCommand({ logGroupName, logStreamName, logEvents: [{ timestamp: 0, message: 'installed' }] }),
  );

  expect(readFileSync(path.join(test.context.root, 'logs/test/commands/c-1_i-1_stdout.log'), 'utf8')).toBe(
    '1970-01-01T00:00:00.000Z installed\n',
  );
});

it('what a function wrote can be read from its log group, with the time that each line tells', async () => {
  const folder = path.join(test.context.root, 'logs/lambda');
  mkdirSync(folder, { recursive: true });
  const time = '2026-11-27T10:00:00.000Z';
  writeFileSync(path.join(folder, 'test-drain.log'), `{"timestamp":"${time}","message":"cordoned"}\n    at drain\n`);
  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/test-drain' }));
  expect(events?.map(({ timestamp, message }) => [timestamp, message])).toEqual([
    [Date.parse(time), `{"timestamp":"${time}","message":"cordoned"}`],
    [Date.parse(time), '    at drain'],
  ]);
});

it('only log groups of the template exist', async () => {
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/test' }));

  expect(logGroups?.map((group) => group.logGroupName)).toEqual([logGroupName]);
  await expect(
    logs.send(new CreateLogStreamCommand({ logGroupName: '/missing', logStreamName: 's' })),
  ).rejects.toBeInstanceOf(ResourceNotFoundException);
});
