import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServiceError } from '#local/cloud/service-error.ts';
import { eventually } from '#support/eventually.ts';
import { createRulesCloud, type RulesCloud, target } from '#support/rules-cloud.ts';

let rules: RulesCloud;

const deadLetterArn = 'arn:aws:sqs:eu-west-1:123456789012:dead';
const machineArn = 'arn:aws:states:eu-west-1:123456789012:stateMachine:join-node';
const roleArn = 'arn:aws:iam::123456789012:role/events';
const EventPattern = { source: ['aws.autoscaling'] };

beforeEach(async () => {
  rules = await createRulesCloud();
});

afterEach(() => rules[Symbol.asyncDispose]());

describe('delivery of events', () => {
  it('an enabled rule delivers the whole event to its targets when its pattern matches', async () => {
    await rules.createRule({ EventPattern, Targets: [target()] });
    await rules.createRule({ EventPattern: { source: ['aws.ec2'] }, Targets: [target()] });
    await rules.createRule({ EventPattern, State: 'DISABLED', Targets: [target()] });
    await rules.publish();
    expect(rules.sent()).toMatchObject([
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

  it("a Step Functions target starts an execution as the target's role", async () => {
    rules.cloud.stub('states', 'StartExecution', async () => ({}));
    const Targets = [target({ Arn: machineArn, RoleArn: roleArn, InputPath: '$.detail' })];
    await rules.createRule({ EventPattern, Targets });
    await rules.publish({ EC2InstanceId: 'i-1' });
    expect(rules.cloud.calls).toMatchObject([
      {
        operation: 'StartExecution',
        asRoleArn: roleArn,
        input: { stateMachineArn: machineArn, input: '{"EC2InstanceId":"i-1"}' },
      },
    ]);
  });

  it('a throttled target is retried, then the event goes to the dead-letter queue', async () => {
    let attempts = 0;
    rules.cloud.stub('states', 'StartExecution', async () => {
      attempts += 1;
      throw new ServiceError('ThrottlingException', 'too many');
    });
    const RetryPolicy = { MaximumRetryAttempts: 2 };
    const DeadLetterConfig = { Arn: deadLetterArn };
    const Targets = [target({ Arn: machineArn, RoleArn: roleArn, RetryPolicy, DeadLetterConfig })];
    await rules.createRule({ EventPattern, Targets });
    await rules.publish();
    await eventually(() => expect(rules.sent()).toHaveLength(1));
    expect(attempts).toBe(3);
    const [letter] = rules.sent();
    expect(letter).toMatchObject({ queue: 'dead', body: { source: 'aws.autoscaling' } });
    expect(letter?.attributes).toMatchObject({
      ERROR_CODE: { StringValue: 'ThrottlingException' },
      TARGET_ARN: { StringValue: machineArn },
    });
  });

  it('a target whose function does not exist is not retried', async () => {
    const Arn = 'arn:aws:lambda:eu-west-1:123456789012:function:absent';
    const Targets = [target({ Arn, DeadLetterConfig: { Arn: deadLetterArn } })];
    await rules.createRule({ EventPattern, Targets });
    await rules.publish();
    await eventually(() => expect(rules.sent()).toHaveLength(1));
    expect(rules.sent()[0]?.attributes['RETRY_ATTEMPTS']).toMatchObject({ StringValue: '0' });
  });

  it('a scheduled rule runs at its rate in simulated time', async () => {
    await rules.createRule({ ScheduleExpression: 'rate(1 minute)', Targets: [target()] });
    await rules.cloud.start();
    await eventually(() => expect(rules.sent().length).toBeGreaterThanOrEqual(2));
    const event = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
    expect(rules.sent()[0]?.body).toMatchObject(event);
  });
});

describe('input of a target', () => {
  it.each([
    ['Input', 'a constant', { Input: '{"fixed":1}' }, { fixed: 1 }],
    ['InputPath', 'a part of the event', { InputPath: '$.detail.EC2InstanceId' }, 'i-1'],
    [
      'InputTransformer',
      'an object with variables',
      {
        InputTransformer: {
          InputPathsMap: { 'detail-EC2InstanceId': '$.detail.EC2InstanceId', all: '$.detail', gone: '$.detail.gone' },
          InputTemplate: '{"instanceId":<detail-EC2InstanceId>,"text":"<detail-EC2InstanceId> of <all>","gone":<gone>}',
        },
      },
      // An object inside of a text loses its quotes; the place of a variable that is not in the event stays empty.
      { instanceId: 'i-1', text: 'i-1 of {EC2InstanceId:i-1,AutoScalingGroupName:workers}', gone: '' },
    ],
    [
      'InputTransformer',
      'lists and objects',
      {
        InputTransformer: {
          InputPathsMap: { list: '$.detail.list', first: '$.detail.list[0]', names: '$.detail.list[*].name' },
          InputTemplate: '{"list":<list>,"first":<first>,"names":<names>,"text":"names <names>"}',
        },
      },
      { list: [{ name: 'a' }, { name: 'b' }], first: { name: 'a' }, names: ['a', 'b'], text: 'names [a,b]' },
    ],
    [
      'InputTransformer',
      'a text',
      { InputTransformer: { InputPathsMap: { id: '$.detail.EC2InstanceId' }, InputTemplate: '"launch of <id>"' } },
      'launch of i-1',
    ],
    [
      'InputTransformer',
      'reserved variables',
      { InputTransformer: { InputTemplate: '{"rule":"<aws.events.rule-name>","event":<aws.events.event>}' } },
      { rule: 'rule', event: { source: 'aws.autoscaling' } },
    ],
  ])('%s gives a target %s', async (_property, _what, input, expected) => {
    await rules.createRule({ EventPattern, Targets: [target(input)] });
    await rules.publish(JSON.stringify(input).includes('list') ? { list: [{ name: 'a' }, { name: 'b' }] } : undefined);
    const body = rules.sent()[0]?.body;
    if (typeof expected === 'object') expect(body).toMatchObject(expected);
    else expect(body).toBe(expected);
  });

  it.each([
    [{ InputPathsMap: {}, InputTemplate: '{"a":<a>}' }, '<a> is not in InputPathsMap'],
    [{ InputPathsMap: { a: '$.detail..a' }, InputTemplate: '{"a":<a>}' }, 'InputPathsMap.a: path "$.detail..a"'],
    [{ InputPathsMap: { 'a b': '$.detail' }, InputTemplate: '"x"' }, '"a b" is not a variable name'],
    [{ InputPathsMap: { a: '$.detail' }, InputTemplate: '{"a":<a>,}' }, 'not JSON'],
  ])('a rule with the input transformer %j is refused: %s', async (InputTransformer, message) => {
    await expect(rules.createRule({ Targets: [target({ InputTransformer })] })).rejects.toThrow(message);
  });
});

it('a rule with a schedule, pattern or bus that the twin does not know is refused', async () => {
  await expect(rules.createRule({ ScheduleExpression: 'rate(0 minutes)' })).rejects.toThrow(/"rate\(0 minutes\)"/);
  for (const wrong of ['rate(1 minutes)', 'rate(5 minute)', 'rate(5)', 'every minute'])
    await expect(rules.createRule({ ScheduleExpression: wrong })).rejects.toThrow('ScheduleExpression is not valid');
  await expect(rules.createRule({ EventPattern: { source: [{ regex: '.' }] } })).rejects.toThrow(/regex/);
  await expect(rules.createRule({ EventBusName: 'missing' })).rejects.toThrow('Event bus missing does not exist');
});
