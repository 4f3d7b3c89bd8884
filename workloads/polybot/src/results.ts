import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Telegram } from 'telegraf';
import { resultSchema } from '../../shared/contracts.ts';
import type { Log } from '../../shared/logger.ts';
import type { Pictures } from '../../shared/pictures.ts';
import { QueueConsumer } from '../../shared/queue-consumer.ts';
import { answerResult } from './answer-result.ts';
import type { Metrics } from './metrics.ts';
import { Once } from './once.ts';

/** How many results are remembered, to not answer them twice. */
const rememberedResults = 10_000;

/** Answers the results of the queue from now on. */
export function consumeResults(options: {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly telegram: Telegram;
  readonly pictures: Pictures;
  readonly metrics: Metrics;
  readonly log: Log;
}) {
  const { sqs, queueUrl, telegram, pictures, metrics, log } = options;
  const answered = new Once<string>(rememberedResults);
  const consumer = new QueueConsumer({
    sqs,
    queueUrl,
    schema: resultSchema,
    concurrency: 4,
    visibilitySeconds: 60,
    drainSeconds: 20,
    log,
    onOutcome: (outcome) => metrics.resultMessages.inc({ outcome }),
    handle: (result, signal) =>
      answered.run(result.jobId, async () => {
        const outcome = await answerResult({ result, telegram, pictures, log, signal });
        metrics.answers.inc({ outcome });
        metrics.answerSeconds.observe((Date.now() - Date.parse(result.requestedAt)) / 1000);
        log.info({ jobId: result.jobId, outcome }, 'result answered');
      }),
  });
  consumer.start();
  return consumer;
}
