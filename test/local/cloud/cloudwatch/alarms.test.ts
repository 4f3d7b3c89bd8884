import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

let test: TestCloud | undefined;
afterEach(() => test?.stop());

const allow = {
  Effect: 'Allow',
  Action: 'sns:Publish',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Resource: { Ref: 'Topic' },
};

const start = (statement: object = allow) =>
  startTestCloud({
    resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } },
      TopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement: [statement] } },
      },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead-letters' } },
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: 'dead-letters',
          AlarmDescription: 'Messages were given up.',
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } }],
          Statistic: 'Maximum',
          Period: 60,
          Threshold: 1,
          EvaluationPeriods: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          AlarmActions: [{ Ref: 'Topic' }],
        },
      },
    },
    template: { Outputs: { Queue: { Value: { Ref: 'Queue' } }, Topic: { Value: { Ref: 'Topic' } } } },
  });

async function fillQueue({ cloud, client }: TestCloud): Promise<void> {
  const message = new SendMessageCommand({ QueueUrl: cloud.outputs['Queue']!, MessageBody: 'given up' });
  await new SQSClient(client()).send(message);
}

describe('CloudWatch alarms', () => {
  it('an alarm tells its topic once when its threshold is reached', async () => {
    test = await start();
    await fillQueue(test);
    await expect.poll(() => test!.cloud.view().alarms, { timeout: 10_000 }).toMatchObject([{ state: 'ALARM' }]);
    const { notifications } = test.cloud.view();
    expect(notifications).toHaveLength(1);
    expect(notifications[0]!.subject).toBe('ALARM: "dead-letters" in us-east-1');
    expect(JSON.parse(notifications[0]!.text)).toMatchObject({
      AlarmName: 'dead-letters',
      AlarmDescription: 'Messages were given up.',
      NewStateValue: 'ALARM',
    });
  }, 20_000);

  it('a topic whose policy does not name CloudWatch gets nothing from its alarms', async () => {
    test = await start({ ...allow, Principal: { Service: 'events.amazonaws.com' } });
    await fillQueue(test);
    await expect.poll(() => test!.cloud.view().alarms, { timeout: 10_000 }).toMatchObject([{ state: 'ALARM' }]);
    expect(test.cloud.view().notifications).toEqual([]);
  }, 20_000);
});

describe('SNS', () => {
  it('Publish refuses a subject with a line break and a topic that does not exist', async () => {
    test = await start();
    const sns = new SNSClient(test.client());
    const TopicArn = test.cloud.outputs['Topic']!;
    const publish = (input: object) => sns.send(new PublishCommand({ TopicArn, Message: 'text', ...input }));

    await expect(publish({ Subject: 'two\nlines' })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(publish({ TopicArn: `${TopicArn}-other` })).rejects.toMatchObject({ name: 'NotFoundException' });
    await publish({ Subject: 'one line' });
    expect(test.cloud.view().notifications).toMatchObject([{ subject: 'one line', text: 'text' }]);
  });
});
