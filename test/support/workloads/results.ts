import type { Result } from '@stepkube/shared/contracts/messages.ts';

const base = (jobId: string) => ({
  version: 1 as const,
  jobId,
  replyTo: { chatId: 42, messageId: 7 },
  requestedAt: '2026-11-22T10:00:00.000Z',
  completedAt: '2026-11-22T10:00:01.000Z',
  model: { name: 'tiny', version: '1', sha256: '0'.repeat(64) },
});

/** The result of a job from message 7 of chat 42. */
export const completedResult = (jobId: string) => ({
  ...base(jobId),
  status: 'completed' as const,
  annotatedKey: `annotated/${jobId}.jpg`,
  picture: { width: 10, height: 10 },
  detections: [{ label: 'bus', confidence: 0.5, box: { x1: 0, y1: 0, x2: 5, y2: 5 } }],
  inferenceMilliseconds: 5,
});

export const rejectedResult = (
  jobId: string,
  reason: Extract<Result, { status: 'rejected' }>['reason'] = 'damaged',
): Result => ({ ...base(jobId), status: 'rejected', reason });

export const failedResult = (jobId: string): Result => ({ ...base(jobId), status: 'failed' });
