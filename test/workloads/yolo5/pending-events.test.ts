import { expect, it } from 'vitest';
import { PendingEvents } from '#workloads/yolo5/src/pending-events.ts';

it('PendingEvents drops the oldest predictions beyond its capacity', () => {
  const pendingEvents = new PendingEvents<number>(2);
  for (const [jobId, prediction] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    pendingEvents.add(jobId, prediction);
  pendingEvents.delete('c');
  expect(['a', 'b', 'c'].map((jobId) => pendingEvents.get(jobId))).toEqual([undefined, 2, undefined]);
});
