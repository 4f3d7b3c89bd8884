/**
 * Does a thing once per key, for the last `capacity` keys. Whoever comes while it is being done waits for the same
 * outcome; after a failure the next one tries again. This saves work and double answers; correctness across pods and
 * restarts rests on job ids that derive from the message.
 */
export class Once<K> {
  private readonly capacity: number;
  private readonly known = new Map<K, Promise<void>>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  run(key: K, work: () => Promise<void>): Promise<void> {
    const running = this.known.get(key);
    if (running !== undefined) return running;
    const started = work().catch((error: unknown) => {
      this.known.delete(key);
      throw error;
    });
    this.known.set(key, started);
    const oldest = this.known.keys().next();
    if (this.known.size > this.capacity && !oldest.done) this.known.delete(oldest.value);
    return started;
  }
}
