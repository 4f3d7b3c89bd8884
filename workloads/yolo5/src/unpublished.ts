/**
 * Predictions whose result is sent and whose event is not published yet, by job id. When such a job comes back to this
 * pod, the user is not answered again. A job that goes to another pod is done again there; polybot and the events'
 * consumers both know it by its id.
 */
export class Unpublished<Prediction> {
  private readonly capacity: number;
  private readonly known = new Map<string, Prediction>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(jobId: string): Prediction | undefined {
    return this.known.get(jobId);
  }

  add(jobId: string, prediction: Prediction): void {
    this.known.set(jobId, prediction);
    const oldest = this.known.keys().next();
    if (this.known.size > this.capacity && !oldest.done) this.known.delete(oldest.value);
  }

  delete(jobId: string): void {
    this.known.delete(jobId);
  }
}
