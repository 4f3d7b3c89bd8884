import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventSchemaFiles, eventSchemasFolder } from '@stepkube/shared/events/event-schema-files.ts';
import { analysisEvent, eventSchemas, meteringEvent } from '@stepkube/shared/events/events.ts';
import { describe, expect, it } from 'vitest';
import { completedDetail, failedDetail, forgottenDetail } from '#support/workloads/events.ts';

describe('the JSON Schemas of the events', () => {
  it('are those of the code: node workloads/shared/events/event-schema-files.ts writes them', async () => {
    const files = eventSchemaFiles();
    expect((await readdir(eventSchemasFolder)).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) {
      const committed = JSON.parse(await readFile(join(eventSchemasFolder, name), 'utf8'));
      expect(committed, name).toEqual(JSON.parse(text));
    }
  });
});

describe('an event', () => {
  it('is taken as its sender makes it', () => {
    expect(eventSchemas.PredictionCompleted.parse(completedDetail)).toEqual(completedDetail);
    expect(eventSchemas.PredictionFailed.parse(failedDetail)).toEqual(failedDetail);
    expect(eventSchemas.UserForgotten.parse(forgottenDetail)).toEqual(forgottenDetail);
  });

  it.each([
    ['an unknown field', { ...completedDetail, chatId: 42 }],
    ['a box', { ...completedDetail, detections: [{ ...completedDetail.detections[0], box: {} }] }],
    ['a share that is no integer', { ...completedDetail, detections: [{ label: 'dog', confidencePermille: 87.1 }] }],
    ['a share above 1000', { ...completedDetail, detections: [{ label: 'dog', confidencePermille: 1001 }] }],
    ['a time that is no integer', { ...completedDetail, inferenceMicroseconds: 1.5 }],
    ['a user name', { ...completedDetail, user: { id: 'dana' } }],
    ['another version', { ...completedDetail, schemaVersion: 2 }],
    ['an id that tells the chat', { ...completedDetail, eventId: '42/7' }],
    ['a local time', { ...completedDetail, occurredAt: '2026-11-22T10:00:00+02:00' }],
  ])('is refused with %s', (_what, detail) => {
    expect(eventSchemas.PredictionCompleted.safeParse(detail).success).toBe(false);
  });
});

describe("a consumer's event", () => {
  const { schemaVersion, eventId, occurredAt, model, inferenceMicroseconds, detections } = completedDetail;
  const common = { type: 'PredictionCompleted', schemaVersion, eventId, occurredAt, inferenceMicroseconds };

  it('is refused by metering when it tells what is on the picture', () => {
    const event = { ...common, userId: '42', bytes: 7 };
    expect(meteringEvent.safeParse(event).success).toBe(true);
    expect(meteringEvent.safeParse({ ...event, detections }).success).toBe(false);
  });

  it('is refused by model-analyzer when it tells whose the picture is', () => {
    const event = { ...common, model, detections };
    expect(analysisEvent.safeParse(event).success).toBe(true);
    expect(analysisEvent.safeParse({ ...event, userId: '42' }).success).toBe(false);
  });
});
