import { setTimeout as wait } from 'node:timers/promises';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Random } from '#support/random.ts';
import type { EventsCloud } from './events-cloud.ts';
import { ServiceProcess } from './service-process.ts';

export interface SoakOptions {
  readonly cloud: EventsCloud;
  /** Contains the service's bundle. */
  readonly folder: string;
  /** Settings in addition to those of the cloud. */
  readonly environment: NodeJS.ProcessEnv;
  readonly messages: readonly object[];
  /** Logged once for each handled message. */
  readonly handledLine: string;
  /** Must be less than the number of messages. */
  readonly kills: number;
  readonly random: Random;
  readonly onKill?: (killed: number, handled: number) => void;
}

const processes = 2;

/**
 * Lets two processes of a service handle the messages and kills one of them with SIGKILL after random numbers of messages,
 * whatever it is doing; a new process replaces it. Resolves when the queue is empty and both have stopped.
 */
export async function soak({ cloud, folder, environment, random, ...options }: SoakOptions): Promise<void> {
  const { messages, kills, handledLine, onKill } = options;
  const killAfter = Array.from({ length: kills }, () => 1 + random.below(messages.length - 1)).sort((a, b) => a - b);
  const all = new Set<ServiceProcess>();
  let [handled, killed] = [0, 0];
  const startOne = () => {
    const service = new ServiceProcess(folder, { ...cloud.environment, ...environment });
    all.add(service);
    service.onLogged(handledLine, () => {
      handled += 1;
      if (handled < (killAfter[killed] ?? Number.POSITIVE_INFINITY) || !all.delete(service)) return;
      killed += 1;
      service.signal('SIGKILL');
      onKill?.(killed, handled);
      startOne();
    });
  };
  try {
    await sendAll(cloud, messages);
    for (let n = 0; n < processes; n += 1) startOne();
    await emptied(cloud);
    for (const service of all) {
      await service.logged('ready');
      service.signal('SIGTERM');
      const { code } = await service.exited;
      if (code !== 0) throw new Error(`a process stopped with exit code ${code}:\n${service.output.slice(-2000)}`);
    }
    if (killed < kills) throw new Error(`only ${killed} of ${kills} processes were killed`);
  } finally {
    for (const service of all) service.signal('SIGKILL');
  }
}

async function sendAll(cloud: EventsCloud, messages: readonly object[]): Promise<void> {
  const sqs = new SQSClient(cloud.test.client());
  for (let start = 0; start < messages.length; start += 10) {
    const Entries = messages
      .slice(start, start + 10)
      .map((message, index) => ({ Id: String(index), MessageBody: JSON.stringify(message) }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: cloud.queueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} messages could not be sent: ${Failed[0]?.Message}`);
  }
  sqs.destroy();
}

const pollMilliseconds = 100;

/** Resolves when no message is waiting and none is in flight. */
async function emptied(cloud: EventsCloud): Promise<void> {
  const sqs = new SQSClient(cloud.test.client());
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  for (;;) {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: cloud.queueUrl, AttributeNames: [...names] }),
    );
    if (names.every((name) => Attributes[name] === '0')) break;
    await wait(pollMilliseconds);
  }
  sqs.destroy();
}
