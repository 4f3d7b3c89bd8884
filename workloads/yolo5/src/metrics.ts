import type { Result } from '@stepkube/shared/contracts/messages.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import { Counter, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    jobMessages: new Counter({
      name: 'yolo5_job_messages_total',
      help: 'Messages of the jobs queue, by outcome: done, failed, given-up, malformed or returned',
      labelNames: ['outcome'] as const,
      registers,
    }),
    results: new Counter({
      name: 'yolo5_results_total',
      help: 'Results sent: completed, failed, or the reason why the picture was rejected',
      labelNames: ['status'] as const,
      registers,
    }),
    decoderLosses: new Counter({
      name: 'yolo5_decoder_losses_total',
      help: 'Times that the decoding process ended, or was ended, while it worked on an image',
      registers,
    }),
    detections: new Counter({
      name: 'yolo5_detections_total',
      help: 'Objects found, by label',
      labelNames: ['label'] as const,
      registers,
    }),
    inferenceSeconds: new Histogram({
      name: 'yolo5_inference_seconds',
      help: 'Time of one inference in the model alone',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'yolo5_job_seconds',
      help: 'Time from a job received to its result sent',
      buckets: [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8],
      registers,
    }),
  };
}

/** Counts and logs a result that was sent. @param seconds from the start of the job's processing to its result */
export function recordResult(
  result: Result,
  seconds: number,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log },
): void {
  const { jobId } = result;
  metrics.results.inc({ status: result.status === 'rejected' ? result.reason : result.status });
  if (result.status === 'failed') return;
  metrics.jobSeconds.observe(seconds);
  if (result.status === 'rejected') {
    log.info({ jobId, reason: result.reason }, 'picture rejected');
    return;
  }
  metrics.inferenceSeconds.observe(result.inferenceMilliseconds / 1000);
  for (const { label } of result.detections) metrics.detections.inc({ label });
  log.info({ jobId, objects: result.detections.length }, 'picture done');
}
