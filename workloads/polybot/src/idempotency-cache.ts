/**
 * Runs an operation once per key, for the last `capacity` keys. Concurrent callers of a key share one execution; after a
 * failure the next caller tries again. The cache only saves work within one process: across pods and restarts, duplicates
 * are recognized by the job ids, which derive from the message.
 */
export class IdempotencyCache<Key> {
  readonly #capacity: number;
  readonly #executions = new Map<Key, Promise<void>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  run(key: Key, work: () => Promise<void>): Promise<void> {
    const running = this.#executions.get(key);
    if (running !== undefined) return running;
    const started = work().catch((error: unknown) => {
      this.#executions.delete(key);
      throw error;
    });
    this.#executions.set(key, started);
    const oldest = this.#executions.keys().next();
    if (this.#executions.size > this.#capacity && !oldest.done) this.#executions.delete(oldest.value);
    return started;
  }
}
