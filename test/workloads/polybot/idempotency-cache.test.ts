import { describe, expect, it } from 'vitest';
import { Once } from '#workloads/polybot/src/idempotency-cache.ts';

describe('Once', () => {
  it('does a thing once per key, and lets who comes meanwhile wait for it', async () => {
    const once = new Once<number>(10);
    const release = Promise.withResolvers<void>();
    let count = 0;
    const work = async () => {
      count += 1;
      await release.promise;
    };
    const both = [once.run(1, work), once.run(1, work)];
    release.resolve();
    await Promise.all(both);
    await once.run(1, work);
    await once.run(2, work);
    expect(count).toBe(2);
  });

  it('tries again after a failure', async () => {
    const once = new Once<number>(10);
    await expect(once.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(once.run(1, async () => undefined)).resolves.toBeUndefined();
  });

  it('forgets the oldest keys', async () => {
    const once = new Once<number>(2);
    const done: number[] = [];
    for (const key of [1, 2, 3, 1, 3]) await once.run(key, async () => void done.push(key));
    expect(done).toEqual([1, 2, 3, 1]);
  });
});
