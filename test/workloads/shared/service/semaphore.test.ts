import { Semaphore } from '@stepkube/shared/service/semaphore.ts';
import { expect, it } from 'vitest';

it('Semaphore runs at most `limit` operations at the same time, in their order, also after a failure', async () => {
  const semaphore = new Semaphore(2);
  const started: number[] = [];
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const outcomes = gates.map(({ promise }, index) =>
    semaphore.run(async () => {
      started.push(index);
      await promise;
      return index;
    }),
  );
  expect(started).toEqual([0, 1]);
  gates[1]!.reject(new Error('broken'));
  await expect(outcomes[1]).rejects.toThrow('broken');
  expect(started).toEqual([0, 1, 2]);
  gates[0]!.resolve();
  expect(await outcomes[0]).toBe(0);
  expect(started).toEqual([0, 1, 2, 3]);
  gates[2]!.resolve();
  gates[3]!.resolve();
  expect(await Promise.all([outcomes[2], outcomes[3]])).toEqual([2, 3]);
});
