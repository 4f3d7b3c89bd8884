import {
  analysisEvent,
  type EventType,
  eventSchemas,
  eventTypes,
  meteringEvent,
} from '@stepkube/shared/events/events.ts';
import { describe, expect, it } from 'vitest';
import type { BusEvent } from '#local/cloud/events/bus.ts';
import { targetInput } from '#local/cloud/events/input.ts';
import { matchesEvent } from '#local/cloud/events/pattern.ts';
import type { Rule, Target } from '#local/cloud/events/rule.ts';
import { clusterTemplate, only, resourcesOf } from '#support/infra.ts';
import { completedDetail, failedDetail, forgottenDetail } from '#support/workloads/events.ts';

const template = clusterTemplate();
const queueId = (name: string) =>
  Object.entries(resourcesOf(template, 'AWS::SQS::Queue')).find(
    ([, { Properties }]) => Properties.QueueName === name,
  )![0];
const busId = Object.keys(resourcesOf(template, 'AWS::Events::EventBus'))[0]!;
const onBus = Object.values(resourcesOf(template, 'AWS::Events::Rule'))
  .map(({ Properties }) => Properties)
  .filter(({ EventBusName }) => EventBusName?.Ref === busId);

const details = {
  PredictionCompleted: completedDetail,
  PredictionFailed: failedDetail,
  UserForgotten: forgottenDetail,
} satisfies Record<EventType, object>;

const busEvent = (
  type: string,
  detail: object,
  source = type === 'UserForgotten' ? 'stepkube.polybot' : 'stepkube.yolo5',
) =>
  ({
    version: '0',
    id: 'planted-bus-id',
    'detail-type': type,
    source,
    account: '123456789012',
    time: '2026-11-22T10:00:01Z',
    region: 'eu-west-1',
    resources: [],
    detail,
  }) as BusEvent;

/** What the rules of the template put into a queue for an event. */
function received(queueName: string, event: BusEvent): string[] {
  return onBus
    .filter(({ EventPattern }) => matchesEvent(EventPattern, event))
    .flatMap((rule) => (rule.Targets as (Omit<Target, 'Arn'> & { Arn: unknown })[]).map((target) => ({ rule, target })))
    .filter(
      ({ target }) => JSON.stringify(target.Arn) === JSON.stringify({ 'Fn::GetAtt': [queueId(queueName), 'Arn'] }),
    )
    .map(({ rule, target }) =>
      targetInput({ name: rule.Name, arn: 'arn' } as Rule, { ...target, Arn: 'arn' } as Target, event),
    );
}

describe('metering', () => {
  it.each(eventTypes)('metering receives its fields of %s, once', (type) => {
    const [message, ...others] = received('shapes-metering', busEvent(type, details[type]));
    expect(others).toEqual([]);
    expect(meteringEvent.parse(JSON.parse(message!))).toEqual({
      type,
      schemaVersion: 1,
      eventId: details[type].eventId,
      occurredAt: '2026-11-22T10:00:00.000Z',
      userId: '7000000042',
      ...(type === 'PredictionCompleted' ? { bytes: 812_345, inferenceMicroseconds: 48_211 } : {}),
      ...(type === 'PredictionFailed' ? { bytes: 812_346, reason: 'damaged' } : {}),
    });
  });

  it.each(eventTypes)('metering receives nothing about the contents of the picture or the model from %s', (type) => {
    const text = received('shapes-metering', busEvent(type, details[type])).join();
    expect(text).not.toMatch(/planted|detections|871|432|c{64}|1283|721|width|height/);
  });
});

describe('model-analyzer', () => {
  it.each(['PredictionCompleted', 'PredictionFailed'] as const)(
    'model-analyzer receives its fields of %s, once',
    (type) => {
      const [message, ...others] = received('shapes-model-analyzer', busEvent(type, details[type]));
      expect(others).toEqual([]);
      const { eventId, occurredAt, model } = details[type];
      expect(analysisEvent.parse(JSON.parse(message!))).toEqual({
        type,
        schemaVersion: 1,
        eventId,
        occurredAt,
        model,
        ...(type === 'PredictionCompleted'
          ? { inferenceMicroseconds: 48_211, detections: completedDetail.detections }
          : { reason: 'damaged' }),
      });
    },
  );

  it.each(eventTypes)('model-analyzer receives nothing about the user or the size of the picture from %s', (type) => {
    const text = received('shapes-model-analyzer', busEvent(type, details[type])).join();
    expect(text).not.toMatch(/user|7000000042|bytes|81234|1283|721/);
  });

  it('model-analyzer does not receive UserForgotten', () => {
    expect(received('shapes-model-analyzer', busEvent('UserForgotten', forgottenDetail))).toEqual([]);
  });

  it('the rules for model-analyzer have no variable for a user, a whole detail or a whole event', () => {
    const targets = onBus
      .flatMap(({ Targets }) => Targets)
      .filter(({ Arn }) => Arn['Fn::GetAtt'][0] === queueId('shapes-model-analyzer'));
    expect(targets).toHaveLength(2);
    for (const { Input, InputPath, InputTransformer } of targets) {
      expect([Input, InputPath]).toEqual([undefined, undefined]);
      const paths = Object.values(InputTransformer.InputPathsMap);
      expect(
        paths.filter(
          (path) =>
            !/^\$\.detail\.(schemaVersion|eventId|occurredAt|model|inferenceMicroseconds|detections|reason)$/.test(
              String(path),
            ),
        ),
      ).toEqual([]);
      expect(InputTransformer.InputTemplate).not.toContain('aws.events');
    }
  });
});

describe('the rules', () => {
  it('the rules ignore events under the source of another sender and events of another version', () => {
    for (const type of eventTypes) {
      const wrong = type === 'UserForgotten' ? 'stepkube.yolo5' : 'stepkube.polybot';
      const next = { ...details[type], schemaVersion: 2 };
      for (const event of [busEvent(type, details[type], wrong), busEvent(type, next)])
        expect([received('shapes-metering', event), received('shapes-model-analyzer', event)]).toEqual([[], []]);
    }
  });

  it('the rules cover every type of event, and every field that they name exists in it', () => {
    for (const { EventPattern, Targets } of onBus) {
      const [type] = EventPattern['detail-type'] as [EventType];
      const detail = eventSchemas[type].parse(details[type]);
      for (const path of Object.values(Targets[0].InputTransformer.InputPathsMap as Record<string, string>)) {
        const names = path.split('.').slice(2);
        const value = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], detail);
        expect(value, `${type} ${path}`).toBeDefined();
      }
    }
    expect(new Set(onBus.map(({ EventPattern }) => EventPattern['detail-type'][0]))).toEqual(new Set(eventTypes));
  });

  it('the rules put undeliverable events into a queue that no service reads', () => {
    const undelivered = queueId('shapes-predictions-dead-letters');
    for (const { Targets } of onBus) {
      expect(Targets[0].DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': [undelivered, 'Arn'] } });
    }
    const policies = Object.values(resourcesOf(template, 'AWS::IAM::Policy'));
    expect(JSON.stringify(policies)).not.toContain(undelivered);
  });

  it('each rule may send to its queue under its own ARN only', () => {
    const allowed = Object.values(resourcesOf(template, 'AWS::SQS::QueuePolicy'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(
        ({ Effect, Resource: resource }) =>
          Effect === 'Allow' &&
          [queueId('shapes-metering'), queueId('shapes-model-analyzer')].includes(resource['Fn::GetAtt'][0]),
      );
    expect(allowed).toHaveLength(onBus.length);
    for (const statement of allowed) {
      expect(statement).toMatchObject({ Principal: { Service: 'events.amazonaws.com' } });
      expect(Object.keys(statement.Condition.ArnEquals)).toEqual(['aws:SourceArn']);
    }
  });
});

describe('what is kept', () => {
  it('the archive of events expires after the configured days', () => {
    const { Properties } = only(template, 'AWS::Events::Archive', () => true);
    expect(Properties).toMatchObject({
      ArchiveName: 'shapes-predictions',
      RetentionDays: 21,
      EventPattern: { source: ['stepkube.yolo5', 'stepkube.polybot'] },
    });
  });

  it.each(['metering', 'model-analyzer'])('the table of %s expires items and keeps backups for seven days', (name) => {
    const { Properties } = only(template, 'AWS::DynamoDB::Table', ({ TableName }) => TableName === `shapes-${name}`);
    expect(Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 },
    });
  });

  it.each([
    [21, 14],
    [3, 3],
  ])('with events kept for %i days the queues keep messages for %i days', (eventsDays, days) => {
    const stack = eventsDays === 21 ? template : clusterTemplate({ retention: { eventsDays } });
    for (const name of ['metering', 'model-analyzer', 'predictions-dead-letters']) {
      const queue = only(stack, 'AWS::SQS::Queue', ({ QueueName }) => QueueName === `shapes-${name}`);
      expect(queue.Properties.MessageRetentionPeriod, name).toBe(days * 86_400);
    }
  });
});
