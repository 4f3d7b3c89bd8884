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

describe('publishing an event', () => {
  it('puts it on the bus under its type', async () => {
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

  it('tries again what PutEvents says will pass, although the call itself succeeded', async () => {
    const answers = ['ThrottlingException', 'InternalFailure'];
    aws.refuseEvent = () => answers.shift();
    await publisher()('UserForgotten', forgottenDetail);
    expect([answers.length, aws.events.length]).toEqual([0, 1]);
  });

  it('gives up after four attempts, with the reason and without the event', async () => {
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

  it('does not repeat what will never pass', async () => {
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

  it('puts nothing on the bus that is not in its schema', async () => {
    const wrong = { ...completedDetail, inferenceMicroseconds: 1.5 };
    await expect(publisher()('PredictionCompleted', wrong)).rejects.toMatchObject({ name: 'ZodError' });
    expect(aws.events).toEqual([]);
  });

  it('ends when its caller stops waiting', async () => {
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
