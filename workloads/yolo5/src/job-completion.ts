import type { Job, ModelIdentity, Result } from '@stepkube/shared/contracts/messages.ts';
import { RetryableError } from '@stepkube/shared/service/retryable-error.ts';
import { PendingEvents } from './pending-events.ts';
import type { Prediction } from './prediction-event.ts';

/** Long enough to outlast most outages of the bus within a job's attempts. */
const eventRetrySeconds = 300;
const maxPendingEvents = 1000;

export interface JobCompletionDependencies {
  readonly model: ModelIdentity;
  readonly predict: (job: Job, signal: AbortSignal) => Promise<Prediction>;
  readonly sendResult: (result: Result, signal: AbortSignal) => Promise<void>;
  readonly publishEvent: (job: Job, prediction: Prediction, signal: AbortSignal) => Promise<void>;
  /** @param seconds since this pod began to work on the job */
  readonly onResultSent: (result: Result, seconds: number) => void;
}

/** What a job leads to, in this order: a result for the user, then an event for the consumers; or else an apology. */
export class JobCompletion {
  readonly #dependencies: JobCompletionDependencies;
  readonly #pendingEvents = new PendingEvents<Prediction>(maxPendingEvents);

  constructor(dependencies: JobCompletionDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Sends the result first, so that the user is answered even when the bus is unavailable. The job stays in the queue until
   * its event is published too: every answered image is counted, and none twice.
   * @throws RetryableError when the result is sent and the event is not published
   */
  async complete(job: Job, signal: AbortSignal): Promise<void> {
    const prediction = this.#pendingEvents.get(job.jobId) ?? (await this.#answer(job, signal));
    this.#pendingEvents.add(job.jobId, prediction);
    try {
      await this.#dependencies.publishEvent(job, prediction, signal);
    } catch (error) {
      throw new RetryableError('the result is sent, its event is not published', eventRetrySeconds, { cause: error });
    }
    this.#pendingEvents.delete(job.jobId);
  }

  /**
   * Sends a result with status `failed` for a job that is given up, for which polybot apologizes. polybot drops it when the
   * user was answered before. No event is published: the dead letter can still be sent again.
   */
  async apologize({ version, jobId, replyTo, requestedAt }: Job, signal: AbortSignal): Promise<void> {
    const { model } = this.#dependencies;
    const completedAt = new Date().toISOString();
    await this.#send({ version, jobId, replyTo, requestedAt, completedAt, model, status: 'failed' }, signal);
  }

  async #answer(job: Job, signal: AbortSignal): Promise<Prediction> {
    const startedAt = performance.now();
    const prediction = await this.#dependencies.predict(job, signal);
    await this.#send(prediction.result, signal, startedAt);
    return prediction;
  }

  async #send(result: Result, signal: AbortSignal, startedAt = performance.now()): Promise<void> {
    const { sendResult, onResultSent } = this.#dependencies;
    await sendResult(result, signal);
    onResultSent(result, (performance.now() - startedAt) / 1000);
  }
}
