import { expect, it } from 'vitest';
import { Unpublished } from '#workloads/yolo5/src/unpublished.ts';

it('the oldest unpublished predictions make room for new ones', () => {
  const unpublished = new Unpublished<number>(2);
  for (const [jobId, prediction] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    unpublished.add(jobId, prediction);
  unpublished.delete('c');
  expect(['a', 'b', 'c'].map((jobId) => unpublished.get(jobId))).toEqual([undefined, 2, undefined]);
});
