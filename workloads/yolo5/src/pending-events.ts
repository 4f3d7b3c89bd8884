/**
 * Predictions by job id whose result was sent and whose event is not yet published. When such a job is delivered again to
 * this pod, only its event is published. Another pod processes the job again: polybot and the events' consumers recognize
 * duplicates by the job's id. Beyond `capacity` the oldest entries are dropped.
 */
export class PendingEvents<Prediction> {
  readonly #capacity: number;
  readonly #predictions = new Map<string, Prediction>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(jobId: string): Prediction | undefined {
    return this.#predictions.get(jobId);
  }

  add(jobId: string, prediction: Prediction): void {
    this.#predictions.set(jobId, prediction);
    const oldest = this.#predictions.keys().next();
    if (this.#predictions.size > this.#capacity && !oldest.done) this.#predictions.delete(oldest.value);
  }

  delete(jobId: string): void {
    this.#predictions.delete(jobId);
  }
}
