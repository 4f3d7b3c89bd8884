import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

let test: TestCloud;

const arn = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const rule = (name: string, queue: string) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    Name: name,
    EventBusName: { Ref: 'Bus' },
    EventPattern: { source: ['yolo5'] },
    Targets: [{ Id: 'Queue', Arn: arn(queue), DeadLetterConfig: { Arn: arn('Dead') } }],
  },
});
const policy = (queues: readonly string[], statement: object) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: queues.map((Ref) => ({ Ref })),
    PolicyDocument: {
      Statement: queues.map((queue) => ({
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Resource: arn(queue),
        ...statement,
      })),
    },
  },
});
const events = { Service: 'events.amazonaws.com' };

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'predictions' } },
      Open: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'open' } },
      Foreign: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'foreign' } },
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      OpenRule: rule('open', 'Open'),
      ForeignRule: rule('foreign', 'Foreign'),
      OpenPolicy: policy(['Open', 'Dead'], { Principal: events }),
      TlsOnly: policy(['Open'], {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      ForeignPolicy: policy(['Foreign'], {
        Principal: events,
        Condition: { ArnEquals: { 'aws:SourceArn': arn('OpenRule') } },
      }),
    },
  });
});

afterAll(() => test.stop());

describe('AWS::SQS::QueuePolicy', () => {
  it('an event whose rule the queue policy does not allow goes to the dead-letter queue of the target', async () => {
    const bus = new EventBridgeClient(test.client());
    const sqs = new SQSClient(test.client());
    const entry = { Source: 'yolo5', DetailType: 'x', Detail: '{"n":1}', EventBusName: 'predictions' };
    await bus.send(new PutEventsCommand({ Entries: [entry] }));
    const receive = async (queue: string, WaitTimeSeconds: number) => {
      const QueueUrl = `${test.cloud.endpoint}/111122223333/${queue}`;
      const receiving = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MessageAttributeNames: ['All'] });
      return (await sqs.send(receiving)).Messages ?? [];
    };

    expect(await receive('open', 5)).toHaveLength(1);
    const [letter] = await receive('dead', 5);
    expect(letter?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'AccessDenied' },
      ERROR_MESSAGE: { StringValue: expect.stringContaining('events.amazonaws.com is not authorized to perform') },
      RULE_ARN: { StringValue: expect.stringMatching(/rule\/predictions\/foreign$/) },
    });
    expect(await receive('foreign', 0)).toEqual([]);
  });
});
