import { setTimeout as delay } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '#support/cloud.ts';

let test: TestCloud;
let sqs: SQSClient;
let QueueUrl: string;
let deadLettersUrl: string;

beforeAll(async () => {
  test = await startTestCloud({
    resources: {
      Jobs: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'jobs',
          VisibilityTimeout: 1,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
        },
      },
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    },
    template: { Outputs: { Jobs: { Value: { Ref: 'Jobs' } }, Dead: { Value: { Ref: 'Dead' } } } },
  });
  sqs = new SQSClient(test.client());
  QueueUrl = test.cloud.outputs['Jobs']!;
  deadLettersUrl = test.cloud.outputs['Dead']!;
});

beforeEach(async () => {
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await sqs.send(new PurgeQueueCommand({ QueueUrl: deadLettersUrl }));
});

afterAll(async () => {
  sqs.destroy();
  await test.stop();
});

const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
const receive = async (WaitTimeSeconds = 0, url = QueueUrl) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds, MessageSystemAttributeNames: ['All'] })))
    .Messages ?? [];

describe('messages', () => {
  it('ReceiveMessage returns body, attributes and digests that the SDK verifies', async () => {
    const MessageAttributes = {
      trace: { DataType: 'String', StringValue: 'abc' },
      count: { DataType: 'Number', StringValue: '7' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
    };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'größe <&>', MessageAttributes }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }));

    expect(Messages).toMatchObject([{ Body: 'größe <&>', MessageAttributes }]);
  });

  it('a received message is invisible until its visibility timeout ends, then its receive count grows', async () => {
    await send('slow');
    const [first] = await receive();
    const none = await receive();
    const [second] = await receive(3);

    expect(none).toEqual([]);
    expect(second?.MessageId).toBe(first?.MessageId);
    expect(second?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  it('only the latest receipt handle deletes a message', async () => {
    await send('twice');
    const [first] = await receive();
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: first!.ReceiptHandle!, VisibilityTimeout: 0 }),
    );
    const [second] = await receive();
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first!.ReceiptHandle! }));
    const inFlight = test.cloud.view().queues.find(({ name }) => name === 'jobs')?.inFlight;
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second!.ReceiptHandle! }));

    expect(inFlight).toBe(1);
    expect(test.cloud.view().queues.find(({ name }) => name === 'jobs')).toMatchObject({ visible: 0, inFlight: 0 });
  });

  it('a message moves to the dead-letter queue after maxReceiveCount receives', async () => {
    await send('poison');
    for (const _attempt of [1, 2]) {
      const [message] = await receive(3);
      await sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message!.ReceiptHandle!, VisibilityTimeout: 0 }),
      );
    }

    expect(await receive()).toEqual([]);
    expect(await receive(0, deadLettersUrl)).toMatchObject([{ Body: 'poison' }]);
  });

  it('SendMessage refuses a message above the maximum size of the queue', async () => {
    await expect(send('x'.repeat(1_048_577))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
      message: expect.stringContaining('Message must be shorter than 1048576 bytes'),
    });
  });
});

describe('long polling', () => {
  it('a long poll ends when a message arrives', async () => {
    const startedAt = performance.now();
    const waiting = receive(20);
    await send('now');

    expect(await waiting).toMatchObject([{ Body: 'now' }]);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('a long poll whose client has hung up goes on, and what it takes waits for its visibility timeout', async () => {
    const hangUp = new AbortController();
    const waiting = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: hangUp.signal,
    });
    // The poll has reached the queue once a later request was answered on another connection.
    await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs' }));
    hangUp.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await send('for nobody');

    expect(await receive(5)).toMatchObject([{ Body: 'for nobody', Attributes: { ApproximateReceiveCount: '2' } }]);
  });
});

describe('batches', () => {
  it('SendMessageBatch returns the failed entries and sends the others', async () => {
    const { Successful, Failed } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'a' },
          { Id: 'bad', MessageBody: 'b', DelaySeconds: 5000 },
        ],
      }),
    );

    expect(Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue', SenderFault: true }]);
  });

  it.each([
    ['AWS.SimpleQueueService.TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, id) => `${id}`)],
    ['AWS.SimpleQueueService.BatchEntryIdsNotDistinct', ['same', 'same']],
    ['AWS.SimpleQueueService.InvalidBatchEntryId', ['a b']],
  ])('SendMessageBatch is refused with %s', async (Code, ids) => {
    const Entries = ids.map((Id) => ({ Id, MessageBody: Id }));

    await expect(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ Code });
  });
});

describe('queues', () => {
  it('GetQueueAttributes returns settings and message counts', async () => {
    await send('one');
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));

    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '1',
      QueueArn: 'arn:aws:sqs:us-east-1:111122223333:jobs',
      RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111122223333:dead","maxReceiveCount":2}',
    });
  });

  it('GetQueueUrl of a missing queue is the error QueueDoesNotExist of the SDK', async () => {
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'nowhere' }))).rejects.toBeInstanceOf(QueueDoesNotExist);
  });
});

describe('stopping', () => {
  it('StartMessageMoveTask sends the messages of a dead-letter queue back, and refuses any other queue', async () => {
    const arnOf = async (url: string) =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }))).Attributes?.[
        'QueueArn'
      ];
    const [jobs, dead] = [await arnOf(QueueUrl), await arnOf(deadLettersUrl)];
    await sqs.send(new SendMessageCommand({ QueueUrl: deadLettersUrl, MessageBody: 'given up' }));
    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: dead, DestinationArn: jobs }));
    expect(await receive(0, deadLettersUrl)).toEqual([]);
    expect(await receive()).toMatchObject([{ Body: 'given up', Attributes: { ApproximateReceiveCount: '1' } }]);
    const backwards = new StartMessageMoveTaskCommand({ SourceArn: jobs, DestinationArn: dead });
    await expect(sqs.send(backwards)).rejects.toThrow('must be configured as a Dead Letter Queue');
  });

  it('a cloud that stops ends waiting long polls', async () => {
    const own = await startTestCloud({ resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q' } } } });
    const client = new SQSClient(own.client());
    const url = `${own.cloud.endpoint}/${own.cloud.accountId}/q`;
    const polling = client.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 })).then(
      () => 'ended',
      () => 'ended',
    );
    await client.send(new GetQueueUrlCommand({ QueueName: 'q' }));
    await own.stop();

    expect(await Promise.race([polling, delay(5000, 'waits')])).toBe('ended');
  });
});
