import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Random } from '#support/random.ts';
import { eventsOf } from '#support/workloads/analysis-events.ts';
import { startEventsCloud } from '#support/workloads/events-cloud.ts';
import { FakeAws } from '#support/workloads/fake-aws.ts';
import { FakeTelegram } from '#support/workloads/fake-telegram.ts';
import { someEvents } from '#support/workloads/metering-events.ts';
import { startNotificationLogCloud } from '#support/workloads/notification-log-cloud.ts';
import { post, runPolybot } from '#support/workloads/polybot-process.ts';
import { completedResult } from '#support/workloads/results.ts';
import { ServiceProcess, stageService } from '#support/workloads/service-process.ts';
import { photoUpdate } from '#support/workloads/telegram-updates.ts';
import { mebibytes } from './flatness.ts';
import type { BenchOptions, Finding, Part } from './part.ts';
import { memoryLimitOf, memoryOf } from './process-memory.ts';

/** Above this share of its memory limit a service is too close to being killed. */
const maxShareOfLimit = 0.85;

/** Peak memory of the other services under heavy load, compared with the memory limits of their pods. */
export const services: Part = {
  name: 'services',
  async run({ pictures, seed, progress }: BenchOptions): Promise<Finding[]> {
    const now = new Date();
    const random = new Random(seed);
    progress('services: polybot');
    const polybot = await measurePolybot(pictures);
    progress('services: metering');
    const usage = someEvents(random, { count: pictures, nowMilliseconds: now.getTime() });
    const metering = await measureConsumer('metering', usage, 'event metered');
    progress('services: model-analyzer');
    const findings = eventsOf({ ...behavior, from: now.toISOString().slice(0, 10), picturesPerDay: pictures }, seed);
    const analyzer = await measureConsumer('model-analyzer', findings, 'event analyzed');
    return [polybot, metering, analyzer];
  },
};

const behavior = {
  version: 'bench',
  days: 1,
  emptyShare: 0.1,
  medianMicroseconds: 50_000,
  classes: { person: { weight: 3, confidence: 0.7 }, dog: { weight: 1, confidence: 0.6 } },
};

/** Receives photos of the largest size that bots can download, more at once than fit into memory, then as many results. */
async function measurePolybot(count: number): Promise<Finding> {
  await using bundle = await stageService('polybot');
  await using aws = await FakeAws.start();
  await using telegram = await FakeTelegram.start();
  await using notificationLog = await startNotificationLogCloud();
  const environment = { PICTURES_PER_MINUTE: '600', LOG_LEVEL: 'info' };
  await using service = runPolybot(bundle.folder, { aws, telegram, notificationLog }, environment);
  await service.logged('ready');
  const atRest = await memoryOf(service.pid);
  telegram.files.set('large', Buffer.alloc(maxPhotoBytes, 7));
  for (let sent = 0; sent < Math.min(count, 60); sent += photosAtOnce) {
    const statuses = await Promise.all(Array.from({ length: photosAtOnce }, () => post(service, largePhoto())));
    if (statuses.some((status) => status !== 200)) throw new Error(`polybot took photos with ${statuses.join(', ')}`);
    aws.objects.clear();
  }
  for (let index = 0; index < Math.min(count, 60); index += 1) {
    const jobId = index.toString(16).padStart(32, '0');
    aws.objects.set(`pictures/annotated/${jobId}.jpg`, { body: Buffer.alloc(annotatedBytes) });
    aws.results.send(JSON.stringify(completedResult(jobId)));
  }
  await aws.results.until(({ messages }) => messages.length === 0);
  return finding(
    'polybot',
    'photos of 20 MB, 12 at once',
    atRest.residentBytes,
    (await memoryOf(service.pid)).peakBytes,
  );
}

const maxPhotoBytes = 19_900_000;
const annotatedBytes = 2_000_000;
const photosAtOnce = 12;

/** Every call gives a new message. */
function largePhoto() {
  const { message, update_id } = photoUpdate();
  const photo = [{ ...message.photo[1], file_size: maxPhotoBytes }];
  return { update_id, message: { ...message, message_id: update_id, photo } };
}

async function measureConsumer(
  name: 'metering' | 'model-analyzer',
  events: readonly object[],
  handledLine: string,
): Promise<Finding> {
  await using bundle = await stageService(name);
  await using cloud = await startEventsCloud();
  const sqs = new SQSClient(cloud.test.client());
  for (let start = 0; start < events.length; start += 10) {
    const batch = events.slice(start, start + 10);
    const Entries = batch.map((event, index) => ({ Id: String(index), MessageBody: JSON.stringify(event) }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: cloud.queueUrl, Entries }));
  }
  sqs.destroy();
  await using service = new ServiceProcess(bundle.folder, cloud.environment);
  const handled = service.counted(handledLine, events.length);
  await service.logged('ready');
  const atRest = await memoryOf(service.pid);
  await handled;
  return finding(name, `${events.length} events`, atRest.residentBytes, (await memoryOf(service.pid)).peakBytes);
}

async function finding(service: string, work: string, restBytes: number, peakBytes: number): Promise<Finding> {
  const limitBytes = await memoryLimitOf(service);
  return {
    what: `peak memory of ${service}, ${work}`,
    measured: `${mebibytes(peakBytes)}, at rest ${mebibytes(restBytes)}`,
    baseline: `limit of the pod: ${mebibytes(limitBytes)}`,
    ratio: peakBytes / limitBytes,
    target: maxShareOfLimit,
  };
}
