/** Plain calls run side by side; a transaction runs alone, so that nobody sees a part of it. */
export interface Exclusion {
  shared<T>(work: () => Promise<T>): Promise<T>;
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export function createExclusion(): Exclusion {
  const sharing = new Set<Promise<unknown>>();
  /** Settles when the last of those that run alone has ended. */
  let lastAlone: Promise<unknown> = Promise.resolve();
  return {
    async shared(work) {
      for (let seen: Promise<unknown> | undefined; seen !== lastAlone; ) {
        seen = lastAlone;
        await seen;
      }
      const running = work();
      const settled = running.catch(() => {});
      sharing.add(settled);
      void settled.then(() => sharing.delete(settled));
      return running;
    },
    alone(work) {
      const before = lastAlone;
      const running = before.then(() => Promise.all(sharing)).then(work);
      lastAlone = running.catch(() => {});
      return running;
    },
  };
}
