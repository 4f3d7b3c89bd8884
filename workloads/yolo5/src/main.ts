import '@stepkube/shared/service/early-signals.ts';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { jobSchema, resultSchema } from '@stepkube/shared/contracts/messages.ts';
import { createEventPublisher } from '@stepkube/shared/events/event-publisher.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import { sendMessage } from '@stepkube/shared/queue/send-message.ts';
import { visibilitySeconds } from '@stepkube/shared/queue/visibility.ts';
import { awsClientSettings } from '@stepkube/shared/service/aws.ts';
import { ImageStore } from '@stepkube/shared/service/image-store.ts';
import { Semaphore } from '@stepkube/shared/service/semaphore.ts';
import { serve } from '@stepkube/shared/service/serve.ts';
import { readSettings } from './config.ts';
import { ImageDecoder } from './decoder/image-decoder.ts';
import { warmUp } from './detector/detector.ts';
import { loadModel } from './detector/model.ts';
import { handleJob } from './handle-job.ts';
import { JobCompletion } from './job-completion.ts';
import { createMetrics, recordResult } from './metrics.ts';
import { publishPrediction } from './prediction-event.ts';

/** Beside main.js in the image, beside main.ts in the repository. */
const decoderProgram = new URL(
  import.meta.url.endsWith('.ts') ? './decoder-process.ts' : './decoder-process.js',
  import.meta.url,
);

/** Decoding one of the largest images takes most of a gigabyte: two at the same time would exceed the pod's memory. */
const maxImagesInMemory = 1;

await serve({
  name: 'yolo5',
  readSettings,
  createMetrics,
  async start({ settings, metrics, log, waitingFor, signal }) {
    waitingFor('loading the model');
    const decoder = new ImageDecoder({
      program: decoderProgram,
      threads: settings.INFERENCE_THREADS,
      onLost: (error) => {
        metrics.decoderLosses.inc();
        log.error({ err: error }, 'the decoding process is replaced');
      },
    });
    const decoderStart = decoder.start();
    decoderStart.catch(() => undefined); // awaited below
    const model = await loadModel({
      modelPath: settings.MODEL_PATH,
      labelsPath: settings.LABELS_PATH,
      name: settings.MODEL_NAME,
      version: settings.MODEL_VERSION,
      threads: settings.INFERENCE_THREADS,
    });
    await warmUp(model);
    await decoderStart;
    signal.throwIfAborted();

    const sqs = new SQSClient(awsClientSettings);
    const images = new ImageStore(new S3Client(awsClientSettings), settings.PICTURES_BUCKET);
    const semaphore = new Semaphore(maxImagesInMemory);
    const publish = createEventPublisher({
      client: new EventBridgeClient(awsClientSettings),
      busName: settings.EVENT_BUS_NAME,
      source: 'stepkube.yolo5',
    });
    const completion = new JobCompletion({
      model: model.identity,
      predict: (job, stop) => handleJob(job, { model, images, decoder, semaphore, log }, stop),
      sendResult: (result, stop) =>
        sendMessage(sqs, settings.RESULTS_QUEUE_URL, resultSchema, result, { abortSignal: stop }),
      publishEvent: (job, prediction, stop) => publishPrediction(publish, job, prediction, stop),
      onResultSent: (result, seconds) => recordResult(result, seconds, { metrics, log }),
    });
    const jobs = new QueueConsumer({
      sqs,
      queueUrl: settings.JOBS_QUEUE_URL,
      deadLetterQueueUrl: settings.JOBS_DEAD_LETTER_QUEUE_URL,
      attempts: attempts.jobs,
      schema: jobSchema,
      concurrency: settings.CONCURRENCY,
      visibilitySeconds,
      drainSeconds: 20,
      log,
      onOutcome: (outcome) => metrics.jobMessages.inc({ outcome }),
      handle: (job, stop) => completion.complete(job, stop),
      onGivenUp: (job, stop) => completion.apologize(job, stop),
    }).start();
    return {
      workers: [{ stop: () => jobs.stop().finally(() => decoder[Symbol.asyncDispose]()) }],
      details: { model: model.identity, labels: model.labels.length },
    };
  },
});
