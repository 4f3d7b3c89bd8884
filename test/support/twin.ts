import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { GetExecutionHistoryCommand, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { projectFolder } from '@stepkube/tools/project-path.ts';
import { inject } from 'vitest';
import { parseConfig } from '#infra/config.ts';
import { chooseModel } from '#local/assembly/model.ts';
import { clientOptions, startTwin, type Twin, type TwinOptions } from '#local/twin.ts';
import config from '../../cluster.config.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Cloud assembly that all twin and page tests share: test/support/assembly.setup.ts. */
    readonly assemblyFolder: string;
  }
}

export const repository = projectFolder;
export const samplesFolder = join(repository, 'workloads/yolo5/model/samples');

/**
 * A twin with the demo model, simulated waiting 60 times faster, the page on any port.
 * @param options a configuration and its assembly, instead of the project's own
 */
export async function startTestTwin(
  faults: readonly string[] = [],
  options: Partial<Pick<TwinOptions, 'config' | 'assemblyFolder'>> = {},
): Promise<Twin> {
  return startTwin({
    config: options.config ?? parseConfig(config),
    assemblyFolder: options.assemblyFolder ?? inject('assemblyFolder'),
    model: await chooseModel('demo', {}),
    scale: 60,
    faults,
    port: 0,
  });
}

/** The sample pictures by file name, with the classes of the objects drawn in them. */
export async function samples(): Promise<Map<string, readonly string[]>> {
  const described: Record<string, { objects: { class: string }[] }> = JSON.parse(
    await readFile(join(samplesFolder, 'samples.json'), 'utf8'),
  );
  return new Map(Object.entries(described).map(([name, { objects }]) => [name, objects.map((object) => object.class)]));
}

/** Command lines of the processes that run in a folder or name it. */
export async function processesUnder(folder: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    ids.map(async (id) => {
      const commandLine = (await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
      const workingFolder = await readlink(`/proc/${id}/cwd`).catch(() => '');
      return workingFolder.startsWith(folder) || commandLine.includes(folder) ? [commandLine] : [];
    }),
  );
  return found.flat();
}

/** The whole history of an execution, as the API tells it. */
export async function historyOf(twin: Twin, executionArn: string): Promise<HistoryEvent[]> {
  const client = new SFNClient(clientOptions(twin.cloud));
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** How many workers are in service and Ready. */
export function servingWorkers({ cloud, cluster }: Twin): number {
  const { nodes } = cluster.view();
  const ready = new Set(nodes.filter((node) => node.ready).map(({ instanceId }) => instanceId));
  return cloud
    .view()
    .instances.filter(({ role, lifecycleState }) => role === 'worker' && lifecycleState === 'InService')
    .filter(({ instanceId }) => ready.has(instanceId)).length;
}

/** Messages of the queue `stepkube-<name>`, waiting or in somebody's hands. */
export async function queueDepth(twin: Twin, name: string): Promise<number> {
  const client = new SQSClient(clientOptions(twin.cloud));
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: `stepkube-${name}` }));
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return (
    Number(Attributes?.['ApproximateNumberOfMessages']) + Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'])
  );
}
