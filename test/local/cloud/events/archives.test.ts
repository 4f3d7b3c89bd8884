import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '#support/eventually.ts';
import { createRulesCloud, type RulesCloud, target } from '#support/rules-cloud.ts';

const busArn = 'arn:aws:events:eu-west-1:123456789012:event-bus/predictions';
const archiveArn = 'arn:aws:events:eu-west-1:123456789012:archive/predictions';
let rules: RulesCloud;

const entry = (n: number) => ({
  Source: 'yolo5',
  DetailType: 'PredictionCompleted',
  Detail: JSON.stringify({ n }),
  EventBusName: 'predictions',
});
const replay = (ReplayName: string, more: object = {}) =>
  rules.call('StartReplay', {
    ReplayName,
    EventSourceArn: archiveArn,
    EventStartTime: Date.now() / 1000 - 3600,
    EventEndTime: Date.now() / 1000 + 3600,
    Destination: { Arn: busArn },
    ...more,
  });
const completed = (ReplayName: string) =>
  eventually(async () => {
    const described = await rules.call('DescribeReplay', { ReplayName });
    expect(described).toMatchObject({ State: 'COMPLETED' });
    return described;
  });

/** A bus with an archive of two events, which the bus has delivered to a queue. */
beforeEach(async () => {
  rules = await createRulesCloud();
  await rules.cloud.create('AWS::Events::EventBus', 'Bus', { Name: 'predictions' });
  await rules.cloud.create('AWS::Events::Archive', 'Archive', {
    ArchiveName: 'predictions',
    SourceArn: busArn,
    RetentionDays: 14,
  });
  await rules.createRule({ EventBusName: 'predictions', EventPattern: { source: ['yolo5'] }, Targets: [target()] });
  await rules.call('PutEvents', { Entries: [entry(1), entry(2)] });
  await eventually(() => expect(rules.sent()).toHaveLength(2));
});

afterEach(() => rules[Symbol.asyncDispose]());

describe('StartReplay', () => {
  it('a replay puts archived events on the bus again with its name, and does not archive them again', async () => {
    expect(await replay('once')).toMatchObject({ State: 'STARTING' });
    await eventually(() => expect(rules.sent()).toHaveLength(4));

    expect(rules.sent().slice(2)).toMatchObject([
      { body: { detail: { n: 1 }, 'replay-name': 'once' } },
      { body: { detail: { n: 2 }, 'replay-name': 'once' } },
    ]);
    expect(await completed('once')).toMatchObject({ EventLastReplayedTime: expect.any(Date) });
    expect(await rules.call('DescribeArchive', { ArchiveName: 'predictions' })).toMatchObject({
      EventCount: 2,
      RetentionDays: 14,
    });
  });

  it('a replay is limited to its time range and to the rules of its filter', async () => {
    await replay('earlier', { EventEndTime: Date.now() / 1000 - 600 });
    await replay('filtered', { Destination: { Arn: busArn, FilterArns: [`${busArn}/other`] } });
    await Promise.all([completed('earlier'), completed('filtered')]);

    expect(rules.sent()).toHaveLength(2);
  });

  it('StartReplay refuses a name that is taken, and a bus that is not the one of the archive', async () => {
    await replay('once');
    await expect(replay('once')).rejects.toMatchObject({ code: 'ResourceAlreadyExistsException' });
    await expect(replay('other', { Destination: { Arn: `${busArn}s` } })).rejects.toThrow('Destination.Arn');
  });
});

it('an archive of a bus that does not exist is refused', async () => {
  const orphan = rules.cloud.create('AWS::Events::Archive', 'Orphan', { SourceArn: `${busArn}s` });
  await expect(orphan).rejects.toThrow('Event bus predictionss does not exist');
});
