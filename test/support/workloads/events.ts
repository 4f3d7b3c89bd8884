import type { EventDetail } from '@stepkube/shared/events/events.ts';

/** Every value is unique, so that a test can recognize which values a rule passes on. */
const base = { schemaVersion: 1 as const, occurredAt: '2026-11-22T10:00:00.000Z', user: { id: '7000000042' } };
const model = { name: 'planted-model', version: 'planted-version', sha256: 'c'.repeat(64) };

export const completedDetail: EventDetail<'PredictionCompleted'> = {
  ...base,
  eventId: '1'.repeat(32),
  picture: { bytes: 812_345, width: 1283, height: 721 },
  model,
  inferenceMicroseconds: 48_211,
  detections: [
    { label: 'planted "dog"', confidencePermille: 871 },
    { label: 'planted-cat', confidencePermille: 432 },
  ],
};

export const failedDetail: EventDetail<'PredictionFailed'> = {
  ...base,
  eventId: '2'.repeat(32),
  picture: { bytes: 812_346 },
  model,
  reason: 'damaged',
};

export const forgottenDetail: EventDetail<'UserForgotten'> = { ...base, eventId: '3'.repeat(32) };
