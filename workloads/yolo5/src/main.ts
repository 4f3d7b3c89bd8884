import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Job, jobSchema, resultSchema } from '@stepkube/shared/contracts/contracts.ts';
import { Pictures } from '@stepkube/shared/contracts/pictures.ts';
import { createEventPublisher } from '@stepkube/shared/events/event-publisher.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer, TryAgainError } from '@stepkube/shared/queue/queue-consumer.ts';
import { sendMessage } from '@stepkube/shared/queue/send-message.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { Readiness, startInternalServer } from '@stepkube/shared/service/internal-server.ts';
import { createLog } from '@stepkube/shared/service/logger.ts';
import { type RunningService, runService } from '@stepkube/shared/service/run-service.ts';
import { Turns } from '@stepkube/shared/service/semaphore.ts';
import sharp from 'sharp';
import { readSettings } from './config.ts';
import { warmUp } from './detector/detector.ts';
import { loadModel } from './detector/model.ts';
import { handleJob } from './handle-job.ts';
import { createMetrics } from './metrics.ts';
import { type Prediction, publishPrediction } from './prediction-event.ts';
import { Unpublished } from './unpublished.ts';

/** Long enough to outlast most troubles of the bus within the attempts that a job has. */
const eventRetrySeconds = 300;

/** The largest pictures take most of a gigabyte to decode: two of them at the same time would take the pod's memory. */
const picturesInMemory = 1;

const { log } = createLog({ service: 'yolo5' });

async function start(signal: AbortSignal): Promise<RunningService> {
  const settings = readSettings(process.env);
  log.level = settings.LOG_LEVEL;
  const metrics = createMetrics();
  const readiness = new Readiness();
  const { registry } = metrics;
  const internal = await startInternalServer({ host: settings.HOST, port: settings.PORT, readiness, registry, log });

  // Every picture is new: a cache would only hold memory.
  sharp.cache(false);
  sharp.concurrency(settings.INFERENCE_THREADS);
  readiness.set(false, 'loading the model');
  log.debug('loading the model');
  const model = await loadModel({
    modelPath: settings.MODEL_PATH,
    labelsPath: settings.LABELS_PATH,
    name: settings.MODEL_NAME,
    version: settings.MODEL_VERSION,
    threads: settings.INFERENCE_THREADS,
  });
  await warmUp(model);
  signal.throwIfAborted();

  const sqs = new SQSClient(awsClientSettings);
  const pictures = new Pictures(new S3Client(awsClientSettings), settings.PICTURES_BUCKET);
  const publish = createEventPublisher({
    client: new EventBridgeClient(awsClientSettings),
    busName: settings.EVENT_BUS_NAME,
    source: 'stepkube.yolo5',
  });
  const unpublished = new Unpublished<Prediction>(1000);
  const turns = new Turns(picturesInMemory);
  const answer = async (job: Job, signal: AbortSignal): Promise<Prediction> => {
    const startedAt = performance.now();
    const prediction = await handleJob({ job, model, pictures, turns, log, signal });
    const { result } = prediction;
    await sendMessage(sqs, settings.RESULTS_QUEUE_URL, resultSchema, result, signal);
    metrics.jobSeconds.observe((performance.now() - startedAt) / 1000);
    if (result.status === 'rejected') {
      metrics.results.inc({ status: result.reason });
      log.info({ jobId: job.jobId, reason: result.reason }, 'picture rejected');
      return prediction;
    }
    metrics.results.inc({ status: result.status });
    metrics.inferenceSeconds.observe(result.inferenceMilliseconds / 1000);
    for (const { label } of result.detections) metrics.detections.inc({ label });
    log.info({ jobId: job.jobId, objects: result.detections.length }, 'picture done');
    return prediction;
  };
  // The user is answered first, whatever the bus does. The job stays in the queue until its event is on the bus too:
  // every answered picture is counted, and none twice.
  const work = async (job: Job, signal: AbortSignal) => {
    const prediction = unpublished.get(job.jobId) ?? (await answer(job, signal));
    unpublished.add(job.jobId, prediction);
    try {
      await publishPrediction(publish, job, prediction, signal);
    } catch (error) {
      throw new TryAgainError('the result is sent, its event is not published', eventRetrySeconds, { cause: error });
    }
    unpublished.delete(job.jobId);
  };
  // Whoever was answered already waits for nothing: polybot lets no apology follow an answer.
  const apologise = async ({ version, jobId, replyTo, requestedAt }: Job, signal: AbortSignal) => {
    const subject = { version, jobId, replyTo, requestedAt, model: model.identity };
    const result = { ...subject, status: 'failed' as const, completedAt: new Date().toISOString() };
    await sendMessage(sqs, settings.RESULTS_QUEUE_URL, resultSchema, result, signal);
    metrics.results.inc({ status: result.status });
  };
  const jobs = new QueueConsumer({
    sqs,
    queueUrl: settings.JOBS_QUEUE_URL,
    attempts: attempts.jobs,
    schema: jobSchema,
    concurrency: settings.CONCURRENCY,
    visibilitySeconds: 60,
    drainSeconds: 20,
    log,
    onOutcome: (outcome) => metrics.jobMessages.inc({ outcome }),
    handle: work,
    onGivenUp: apologise,
  });
  jobs.start();
  readiness.set(true, 'ready');
  log.info({ model: model.identity, labels: model.labels.length, port: internal.port }, 'ready');

  return {
    async stop() {
      readiness.set(false, 'stopping');
      await jobs.stop();
      await internal.close();
    },
  };
}

await runService({ log, stopSeconds: 35, start });
