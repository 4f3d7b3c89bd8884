/** A readers–writer lock: shared work runs side by side, exclusive work runs alone and in order. */
export interface ReadWriteLock {
  shared<T>(work: () => Promise<T>): Promise<T>;
  exclusive<T>(work: () => Promise<T>): Promise<T>;
}

export function createReadWriteLock(): ReadWriteLock {
  const running = new Set<Promise<unknown>>();
  /** Settles when the exclusive work that was asked for last has ended. */
  let lastExclusive: Promise<unknown> = Promise.resolve();
  return {
    async shared(work) {
      for (let awaited: Promise<unknown> | undefined; awaited !== lastExclusive; ) {
        awaited = lastExclusive;
        await awaited;
      }
      const result = work();
      const settled = result.catch(() => {});
      running.add(settled);
      void settled.then(() => running.delete(settled));
      return result;
    },
    exclusive(work) {
      const result = lastExclusive.then(() => Promise.all(running)).then(work);
      lastExclusive = result.catch(() => {});
      return result;
    },
  };
}
