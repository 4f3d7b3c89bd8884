import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Result, resultSchema } from '@stepkube/shared/contracts/contracts.ts';
import type { Pictures } from '@stepkube/shared/contracts/pictures.ts';
import { attempts } from '@stepkube/shared/queue/attempts.ts';
import { QueueConsumer } from '@stepkube/shared/queue/queue-consumer.ts';
import type { Log } from '@stepkube/shared/service/logger.ts';
import type { Telegram } from 'telegraf';
import { answerResult } from './answer-result.ts';
import { deliver } from './deliver.ts';
import type { Metrics } from './metrics.ts';
import type { Ledger } from './notification-log.ts';

/** Answers the results of the queue from now on, each job once. */
export function consumeResults(options: {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly telegram: Telegram;
  readonly pictures: Pictures;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly log: Log;
}): QueueConsumer<Result> {
  const { sqs, queueUrl, telegram, pictures, ledger, metrics, log } = options;
  const consumer = new QueueConsumer({
    sqs,
    queueUrl,
    attempts: attempts.results,
    schema: resultSchema,
    concurrency: 4,
    visibilitySeconds: 60,
    drainSeconds: 20,
    log,
    onOutcome: (outcome) => metrics.queueMessages.inc({ queue: 'results', outcome }),
    async handle(result, signal) {
      const { jobId } = result;
      const answer = () => deliver(() => answerResult({ result, telegram, pictures, signal }), { jobId, log });
      const outcome = await ledger.say(jobId, result.status === 'failed' ? 'failed' : 'answer', answer, signal);
      if (outcome === undefined) return log.info({ jobId }, 'the job was answered before');
      metrics.answers.inc({ outcome });
      metrics.answerSeconds.observe((Date.now() - Date.parse(result.requestedAt)) / 1000);
      log.info({ jobId, outcome }, 'result answered');
    },
  });
  consumer.start();
  return consumer;
}
