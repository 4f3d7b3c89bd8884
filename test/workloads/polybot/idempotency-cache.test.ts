import { describe, expect, it } from 'vitest';
import { IdempotencyCache } from '#workloads/polybot/src/idempotency-cache.ts';

describe('IdempotencyCache', () => {
  it('IdempotencyCache runs an operation once per key, and concurrent callers share it', async () => {
    const cache = new IdempotencyCache<number>(10);
    const release = Promise.withResolvers<void>();
    let count = 0;
    const work = async () => {
      count += 1;
      await release.promise;
    };
    const both = [cache.run(1, work), cache.run(1, work)];
    release.resolve();
    await Promise.all(both);
    await cache.run(1, work);
    await cache.run(2, work);
    expect(count).toBe(2);
  });

  it('IdempotencyCache runs a failed operation again', async () => {
    const cache = new IdempotencyCache<number>(10);
    await expect(cache.run(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(cache.run(1, async () => undefined)).resolves.toBeUndefined();
  });

  it('IdempotencyCache drops the oldest keys beyond its capacity', async () => {
    const cache = new IdempotencyCache<number>(2);
    const done: number[] = [];
    for (const key of [1, 2, 3, 1, 3]) await cache.run(key, async () => void done.push(key));
    expect(done).toEqual([1, 2, 3, 1]);
  });
});
