import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { createEventPublisher, EventNotPublishedError } from '@stepkube/shared/events/event-publisher.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { completedDetail, forgottenDetail } from '#support/workloads/events.ts';
import { FakeAws } from '#support/workloads/fake-aws.ts';

let aws: FakeAws;
beforeEach(async () => {
  aws = await FakeAws.start();
});
afterEach(() => aws[Symbol.asyncDispose]());

const publisher = () =>
  createEventPublisher({
    client: new EventBridgeClient(aws.clientConfig),
    busName: 'predictions',
    source: 'stepkube.polybot',
  });

describe('createEventPublisher', () => {
  it('an event is put on the bus with its source, type and detail', async () => {
    await publisher()('UserForgotten', forgottenDetail);
    expect(aws.events.map(({ Detail, ...entry }) => ({ ...entry, detail: JSON.parse(Detail) }))).toEqual([
      {
        EventBusName: 'predictions',
        Source: 'stepkube.polybot',
        DetailType: 'UserForgotten',
        detail: forgottenDetail,
      },
    ]);
  });

  it('an entry that PutEvents refuses with a transient code is published again', async () => {
    const answers = ['ThrottlingException', 'InternalFailure'];
    aws.refuseEvent = () => answers.shift();
    await publisher()('UserForgotten', forgottenDetail);
    expect([answers.length, aws.events.length]).toEqual([0, 1]);
  });

  it('publishing fails after four attempts with the code but without the content of the event', async () => {
    let calls = 0;
    aws.refuseEvent = () => {
      calls += 1;
      return 'InternalFailure';
    };
    const error = await publisher()('UserForgotten', forgottenDetail).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EventNotPublishedError);
    expect(String(error)).toBe('EventNotPublishedError: the bus did not take UserForgotten: InternalFailure: planted');
    expect(calls).toBe(4);
  });

  it('an entry that PutEvents refuses with a permanent code is not published again', async () => {
    let calls = 0;
    aws.refuseEvent = () => {
      calls += 1;
      return 'NotAuthorizedForSourceException';
    };
    await expect(publisher()('UserForgotten', forgottenDetail)).rejects.toMatchObject({
      name: 'EventNotPublishedError',
      code: 'NotAuthorizedForSourceException',
    });
    expect(calls).toBe(1);
  });

  it('an event that does not match its schema is not published', async () => {
    const wrong = { ...completedDetail, inferenceMicroseconds: 1.5 };
    await expect(publisher()('PredictionCompleted', wrong)).rejects.toMatchObject({ name: 'ZodError' });
    expect(aws.events).toEqual([]);
  });

  it('publishing stops when the signal aborts', async () => {
    const stopping = new AbortController();
    aws.refuseEvent = () => {
      stopping.abort();
      return 'ThrottlingException';
    };
    await expect(publisher()('UserForgotten', forgottenDetail, stopping.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
