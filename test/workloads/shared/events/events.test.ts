import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventSchemaFiles, eventSchemasFolder } from '@stepkube/shared/events/event-schema-files.ts';
import { analysisEvent, eventSchemas, meteringEvent } from '@stepkube/shared/events/events.ts';
import { describe, expect, it } from 'vitest';
import { completedDetail, failedDetail, forgottenDetail } from '#support/workloads/events.ts';

describe('event schemas', () => {
  it('the committed JSON Schemas of the events equal those of the code (node workloads/shared/events/event-schema-files.ts writes them)', async () => {
    const files = eventSchemaFiles();
    expect((await readdir(eventSchemasFolder)).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) {
      const committed = JSON.parse(await readFile(join(eventSchemasFolder, name), 'utf8'));
      expect(committed, name).toEqual(JSON.parse(text));
    }
  });
});

describe('events on the bus', () => {
  it('each event schema accepts the event of its sender unchanged', () => {
    expect(eventSchemas.PredictionCompleted.parse(completedDetail)).toEqual(completedDetail);
    expect(eventSchemas.PredictionFailed.parse(failedDetail)).toEqual(failedDetail);
    expect(eventSchemas.UserForgotten.parse(forgottenDetail)).toEqual(forgottenDetail);
  });

  it.each([
    ['with an unknown field', { ...completedDetail, chatId: 42 }],
    ['with a box', { ...completedDetail, detections: [{ ...completedDetail.detections[0], box: {} }] }],
    ['with a fractional confidence', { ...completedDetail, detections: [{ label: 'dog', confidencePermille: 87.1 }] }],
    [
      'with a confidence above 1000 permille',
      { ...completedDetail, detections: [{ label: 'dog', confidencePermille: 1001 }] },
    ],
    ['with a fractional duration', { ...completedDetail, inferenceMicroseconds: 1.5 }],
    ['with a user name instead of an id', { ...completedDetail, user: { id: 'dana' } }],
    ['of another schema version', { ...completedDetail, schemaVersion: 2 }],
    ['with an id that reveals the chat', { ...completedDetail, eventId: '42/7' }],
    ['with a local time', { ...completedDetail, occurredAt: '2026-11-22T10:00:00+02:00' }],
  ])('the schema refuses a PredictionCompleted %s', (_what, detail) => {
    expect(eventSchemas.PredictionCompleted.safeParse(detail).success).toBe(false);
  });
});

describe('messages of the consumers', () => {
  const { schemaVersion, eventId, occurredAt, model, inferenceMicroseconds, detections } = completedDetail;
  const common = { type: 'PredictionCompleted', schemaVersion, eventId, occurredAt, inferenceMicroseconds };

  it("metering's schema refuses an event with detections", () => {
    const event = { ...common, userId: '42', bytes: 7 };
    expect(meteringEvent.safeParse(event).success).toBe(true);
    expect(meteringEvent.safeParse({ ...event, detections }).success).toBe(false);
  });

  it("model-analyzer's schema refuses an event with a user", () => {
    const event = { ...common, model, detections };
    expect(analysisEvent.safeParse(event).success).toBe(true);
    expect(analysisEvent.safeParse({ ...event, userId: '42' }).success).toBe(false);
  });
});
