import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { publishAwsEvent } from '#local/cloud/events/bus.ts';
import { createEventsModule } from '#local/cloud/events/module.ts';
import { ServiceError } from '#local/cloud/service.ts';
import { createFakeCloud, type FakeCloud } from '#support/fake-cloud.ts';

let cloud: FakeCloud;

const queueArn = 'arn:aws:sqs:eu-west-1:123456789012:taken';
const deadLetterArn = 'arn:aws:sqs:eu-west-1:123456789012:dead';
const machineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:join-node';

beforeEach(async () => {
  cloud = await createFakeCloud();
  cloud.add(createEventsModule(cloud.core));
  cloud.stub('sqs', 'SendMessage', async () => ({}));
});

afterEach(() => cloud.stop());

function createRule(properties: object) {
  return cloud.create('AWS::Events::Rule', 'Rule', { Name: 'rule', ...properties });
}

const target = (more: object = {}) => ({ Id: 'Target0', Arn: queueArn, ...more });

/** What SQS got, oldest first. */
function sent(): { queue: string; body: never; attributes: Record<string, { StringValue: string }> }[] {
  return cloud.calls
    .filter(({ operation }) => operation === 'SendMessage')
    .map(({ input }) => ({
      queue: String(input['QueueUrl']).split('/').at(-1)!,
      body: JSON.parse(String(input['MessageBody'])) as never,
      attributes: input['MessageAttributes'] as never,
    }));
}

function publish(detail: Record<string, unknown> = { EC2InstanceId: 'i-1', AutoScalingGroupName: 'workers' }) {
  return publishAwsEvent(cloud.core, {
    source: 'aws.autoscaling',
    detailType: 'EC2 Instance-launch Lifecycle Action',
    resources: ['arn:group'],
    detail,
  });
}

describe('a rule', () => {
  it('brings the whole event to its targets when the pattern matches', async () => {
    await createRule({ EventPattern: { source: ['aws.autoscaling'] }, Targets: [target()] });
    await createRule({ EventPattern: { source: ['aws.ec2'] }, Targets: [target()] });
    await createRule({ EventPattern: { source: ['aws.autoscaling'] }, State: 'DISABLED', Targets: [target()] });
    await publish();
    expect(sent()).toMatchObject([
      {
        queue: 'taken',
        body: {
          version: '0',
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          'detail-type': 'EC2 Instance-launch Lifecycle Action',
          source: 'aws.autoscaling',
          account: '123456789012',
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          region: 'eu-west-1',
          resources: ['arn:group'],
          detail: { EC2InstanceId: 'i-1' },
        },
      },
    ]);
  });

  it.each([
    ['a constant', { Input: '{"fixed":1}' }, { fixed: 1 }],
    ['a part', { InputPath: '$.detail.EC2InstanceId' }, 'i-1'],
    [
      'an object of variables',
      {
        InputTransformer: {
          InputPathsMap: { 'detail-EC2InstanceId': '$.detail.EC2InstanceId', all: '$.detail', gone: '$.detail.gone' },
          InputTemplate: '{"instanceId":<detail-EC2InstanceId>,"text":"<detail-EC2InstanceId> of <all>","gone":<gone>}',
        },
      },
      // Quotes are removed from an object inside a text; what is not in the event leaves an empty place.
      { instanceId: 'i-1', text: 'i-1 of {EC2InstanceId:i-1,AutoScalingGroupName:workers}', gone: '' },
    ],
    [
      'numbers, lists and objects',
      {
        InputTransformer: {
          InputPathsMap: { list: '$.detail.list', first: '$.detail.list[0]', names: '$.detail.list[*].name' },
          InputTemplate: '{"list":<list>,"first":<first>,"names":<names>,"text":"names <names>"}',
        },
      },
      { list: [{ name: 'a' }, { name: 'b' }], first: { name: 'a' }, names: ['a', 'b'], text: 'names [a,b]' },
    ],
    [
      'a text',
      { InputTransformer: { InputPathsMap: { id: '$.detail.EC2InstanceId' }, InputTemplate: '"launch of <id>"' } },
      'launch of i-1',
    ],
    [
      'reserved variables',
      { InputTransformer: { InputTemplate: '{"rule":"<aws.events.rule-name>","event":<aws.events.event>}' } },
      { rule: 'rule', event: { source: 'aws.autoscaling' } },
    ],
  ])('can make %s of the event', async (_what, input, expected) => {
    await createRule({ EventPattern: { source: ['aws.autoscaling'] }, Targets: [target(input)] });
    await publish(JSON.stringify(input).includes('list') ? { list: [{ name: 'a' }, { name: 'b' }] } : undefined);
    const body: unknown = sent()[0]?.body;
    if (typeof expected === 'object') expect(body).toMatchObject(expected);
    else expect(body).toBe(expected);
  });

  it("starts an execution as the target's role", async () => {
    cloud.stub('states', 'StartExecution', async () => ({}));
    const RoleArn = 'arn:aws:iam::123456789012:role/events';
    await createRule({
      EventPattern: { source: ['aws.autoscaling'] },
      Targets: [target({ Arn: machineArn, RoleArn, InputPath: '$.detail' })],
    });
    await publish({ EC2InstanceId: 'i-1' });
    expect(cloud.calls).toMatchObject([
      {
        operation: 'StartExecution',
        asRoleArn: RoleArn,
        input: { stateMachineArn: machineArn, input: '{"EC2InstanceId":"i-1"}' },
      },
    ]);
  });

  it('tries a busy target again, and gives up into the dead letters', async () => {
    let attempts = 0;
    cloud.stub('states', 'StartExecution', async () => {
      attempts += 1;
      throw new ServiceError('ThrottlingException', 'too many');
    });
    await createRule({
      EventPattern: { source: ['aws.autoscaling'] },
      Targets: [
        target({
          Arn: machineArn,
          RoleArn: 'arn:aws:iam::123456789012:role/events',
          RetryPolicy: { MaximumRetryAttempts: 2 },
          DeadLetterConfig: { Arn: deadLetterArn },
        }),
      ],
    });
    await publish();
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
    expect(attempts).toBe(3);
    const [letter] = sent();
    expect(letter).toMatchObject({ queue: 'dead', body: { source: 'aws.autoscaling' } });
    expect(letter?.attributes).toMatchObject({
      ERROR_CODE: { StringValue: 'ThrottlingException' },
      TARGET_ARN: { StringValue: machineArn },
    });
  });

  it('does not try again what can never work: a function without a permission', async () => {
    const Arn = 'arn:aws:lambda:eu-west-1:123456789012:function:absent';
    const Targets = [target({ Arn, DeadLetterConfig: { Arn: deadLetterArn } })];
    await createRule({ EventPattern: { source: ['aws.autoscaling'] }, Targets });
    await publish();
    await vi.waitFor(() => expect(sent()).toHaveLength(1));
    expect(sent()[0]?.attributes['RETRY_ATTEMPTS']).toMatchObject({ StringValue: '0' });
  });

  it('runs at its rate, in simulated time', async () => {
    await createRule({ ScheduleExpression: 'rate(1 minute)', Targets: [target()] });
    await cloud.start();
    await vi.waitFor(() => expect(sent().length).toBeGreaterThanOrEqual(2));
    expect(sent()[0]?.body).toMatchObject({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });
  });

  it('refuses a schedule and a pattern that the twin cannot run', async () => {
    await expect(createRule({ ScheduleExpression: 'rate(0 minutes)' })).rejects.toThrow(/"rate\(0 minutes\)"/);
    await expect(createRule({ EventPattern: { source: [{ regex: '.' }] } })).rejects.toThrow(/regex/);
    await expect(createRule({ EventBusName: 'nobody' })).rejects.toThrow('Event bus nobody does not exist');
  });

  it.each([
    [{ InputPathsMap: {}, InputTemplate: '{"a":<a>}' }, '<a> is not in InputPathsMap'],
    [{ InputPathsMap: { a: '$.detail..a' }, InputTemplate: '{"a":<a>}' }, 'InputPathsMap.a: path "$.detail..a"'],
    [{ InputPathsMap: { 'a b': '$.detail' }, InputTemplate: '"x"' }, '"a b" is not a variable name'],
    [{ InputPathsMap: { a: '$.detail' }, InputTemplate: '{"a":<a>,}' }, 'not JSON'],
  ])('refuses the transformer %j', async (InputTransformer, message) => {
    await expect(createRule({ Targets: [target({ InputTransformer })] })).rejects.toThrow(message);
  });
});

describe('an archive', () => {
  const entry = (n: number) => ({
    Source: 'yolo5',
    DetailType: 'PredictionCompleted',
    Detail: JSON.stringify({ n }),
    EventBusName: 'predictions',
  });
  const replay = (ReplayName: string, more: object = {}) =>
    cloud.call('events', 'StartReplay', {
      ReplayName,
      EventSourceArn: archiveArn,
      EventStartTime: Date.now() / 1000 - 3600,
      EventEndTime: Date.now() / 1000 + 3600,
      Destination: { Arn: busArn },
      ...more,
    });
  const busArn = 'arn:aws:events:eu-west-1:123456789012:event-bus/predictions';
  const archiveArn = 'arn:aws:events:eu-west-1:123456789012:archive/predictions';

  beforeEach(async () => {
    await cloud.create('AWS::Events::EventBus', 'Bus', { Name: 'predictions' });
    await cloud.create('AWS::Events::Archive', 'Archive', {
      ArchiveName: 'predictions',
      SourceArn: busArn,
      RetentionDays: 14,
    });
    await createRule({ EventBusName: 'predictions', EventPattern: { source: ['yolo5'] }, Targets: [target()] });
    await cloud.call('events', 'PutEvents', { Entries: [entry(1), entry(2)] });
    await vi.waitFor(() => expect(sent()).toHaveLength(2));
  });

  it('puts what it kept on its bus again, marked with the replay, and does not keep that', async () => {
    expect(await replay('once')).toMatchObject({ State: 'STARTING' });
    await vi.waitFor(() => expect(sent()).toHaveLength(4));

    expect(sent().slice(2)).toMatchObject([
      { body: { detail: { n: 1 }, 'replay-name': 'once' } },
      { body: { detail: { n: 2 }, 'replay-name': 'once' } },
    ]);
    await vi.waitFor(async () =>
      expect(await cloud.call('events', 'DescribeReplay', { ReplayName: 'once' })).toMatchObject({
        State: 'COMPLETED',
        EventLastReplayedTime: expect.any(Date),
      }),
    );
    expect(await cloud.call('events', 'DescribeArchive', { ArchiveName: 'predictions' })).toMatchObject({
      EventCount: 2,
      RetentionDays: 14,
    });
  });

  it('replays the asked time to the asked rules', async () => {
    const over = Date.now() / 1000 - 600;
    await replay('earlier', { EventEndTime: over });
    await replay('nobody', { Destination: { Arn: busArn, FilterArns: [`${busArn}/other`] } });
    await vi.waitFor(async () =>
      expect(await cloud.call('events', 'DescribeReplay', { ReplayName: 'nobody' })).toMatchObject({
        State: 'COMPLETED',
      }),
    );

    expect(sent()).toHaveLength(2);
  });

  it('refuses a second replay of one name, another bus, and an archive of no bus', async () => {
    await replay('once');
    await expect(replay('once')).rejects.toMatchObject({ code: 'ResourceAlreadyExistsException' });
    await expect(replay('other', { Destination: { Arn: `${busArn}s` } })).rejects.toThrow('Destination.Arn');
    const orphan = cloud.create('AWS::Events::Archive', 'Orphan', { SourceArn: `${busArn}s` });
    await expect(orphan).rejects.toThrow('Event bus predictionss does not exist');
  });
});

describe('PutEvents', () => {
  it('takes one to ten entries', async () => {
    const Entries = Array.from({ length: 11 }, () => ({ Source: 'x', DetailType: 'y', Detail: '{}' }));
    await expect(cloud.call('events', 'PutEvents', { Entries })).rejects.toThrow('between 1 and 10');
  });

  it('reaches the rules of the named bus only', async () => {
    await cloud.create('AWS::Events::EventBus', 'Bus', { Name: 'predictions' });
    const { ref } = await createRule({
      EventBusName: 'predictions',
      EventPattern: { source: ['yolo5'] },
      Targets: [target()],
    });
    expect(ref).toBe('predictions|rule');
    const entry = { Source: 'yolo5', DetailType: 'PredictionCompleted', Detail: '{"n":1}' };
    const answer = await cloud.call('events', 'PutEvents', {
      Entries: [entry, { ...entry, EventBusName: 'predictions' }],
    });
    expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }, {}] });
    await vi.waitFor(() => expect(sent()).toMatchObject([{ body: { source: 'yolo5', detail: { n: 1 } } }]));
  });

  it('answers each entry by itself', async () => {
    const { FailedEntryCount, Entries } = await cloud.call('events', 'PutEvents', {
      Entries: [
        { Source: 'x', DetailType: 'y', Detail: '{' },
        { Source: 'x', DetailType: 'y' },
        { Source: 'x', DetailType: 'y', Detail: '{}' },
      ],
    });
    expect(FailedEntryCount).toBe(2);
    expect(Entries).toMatchObject([{ ErrorCode: 'MalformedDetail' }, { ErrorCode: 'InvalidArgument' }, {}]);
  });
});
