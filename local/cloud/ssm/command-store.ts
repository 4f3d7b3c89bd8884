import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { CommandOutcome } from '#local/contracts/instance.ts';
import { arnOf } from '../arns.ts';
import type { InstanceStore } from '../ec2/instance-store.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { type Command, type Invocation, invocationDoesNotExist } from './command.ts';
import { commandParameters, type DocumentStore } from './document-store.ts';

/** Simulated seconds until an agent has fetched a command. */
const deliverySeconds = 0.5;
/** The longest that SendCommand may wait for the event of the fault 'command-event-early': less than clients' timeouts. */
const maxEarlyEventWaitMilliseconds = 5_000;

/** How many instances at once, or how many errors: a number or a share. */
const share = (atLeast: 0 | 1) =>
  z
    .string()
    .max(7)
    .regex(atLeast === 0 ? /^(?:0|[1-9]\d*|0%|[1-9]\d?%|100%)$/ : /^(?:[1-9]\d*|[1-9]\d?%|100%)$/);

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html */
export const sendCommandInput = z.object({
  DocumentName: z.string(),
  InstanceIds: z
    .array(z.string().regex(/^(?:i-[0-9a-f]{8}(?:[0-9a-f]{9})?|mi-[0-9a-f]{17})$/))
    .max(50)
    .default([]),
  Parameters: z.record(z.string(), z.array(z.string())).default({}),
  Comment: z.string().max(100).default(''),
  TimeoutSeconds: z.int().min(30).max(2_592_000).default(3600),
  MaxConcurrency: share(1).optional(),
  MaxErrors: share(0).optional(),
  OutputS3BucketName: z.string().min(3).max(63).optional(),
  CloudWatchOutputConfig: z
    .object({ CloudWatchOutputEnabled: z.boolean().default(false), CloudWatchLogGroupName: z.string().optional() })
    .default({ CloudWatchOutputEnabled: false }),
});

/** Run Command: runs documents on instances and publishes events for their status. */
export class CommandStore {
  readonly #core: CloudCore;
  readonly #documents: DocumentStore;
  readonly #instances: InstanceStore;
  readonly #commands = new Map<string, Command>();
  readonly #stopping = new AbortController();

  constructor(core: CloudCore, documents: DocumentStore, instances: InstanceStore) {
    this.#core = core;
    this.#documents = documents;
    this.#instances = instances;
  }

  list(): readonly Command[] {
    return [...this.#commands.values()];
  }

  /** @throws ServiceError InvocationDoesNotExist */
  required(commandId: string, instanceId: string): { command: Command; invocation: Invocation } {
    const command = this.#commands.get(commandId);
    const invocation = command?.invocations.find((candidate) => candidate.instanceId === instanceId);
    if (command === undefined || invocation === undefined || !invocation.isVisible) throw invocationDoesNotExist();
    return { command, invocation };
  }

  /** @throws ServiceError InvalidDocument, InvalidParameters, InvalidInstanceId (unknown, or its agent is not online) */
  async send(input: z.output<typeof sendCommandInput>): Promise<Command> {
    const command = this.#createCommand(input);
    this.#commands.set(command.commandId, command);
    const runs = Promise.all(command.invocations.map((invocation) => this.#run(command, invocation)));
    runs.catch((error: Error) => {
      if (!this.#stopping.signal.aborted) this.#core.context.log('ssm', `${command.commandId}: ${error.stack}`);
    });
    if (this.#core.context.faults.take('command-event-early', this.#shortName(command))) {
      await Promise.race([runs, delay(maxEarlyEventWaitMilliseconds, undefined, { ref: false })]);
    }
    return command;
  }

  stop(): void {
    this.#stopping.abort(new Error('the twin stops'));
  }

  #createCommand(input: z.output<typeof sendCommandInput>): Command {
    const document = this.#documents.required(input.DocumentName);
    const parameters = commandParameters(document, input.Parameters);
    this.#requireOnline(input.InstanceIds);
    const { CloudWatchOutputEnabled, CloudWatchLogGroupName = `/aws/ssm/${document.name}` } =
      input.CloudWatchOutputConfig;
    return {
      commandId: randomUUID(),
      document,
      parameters,
      comment: input.Comment,
      timeoutSeconds: input.TimeoutSeconds,
      requestedAt: new Date(),
      logGroupName: CloudWatchOutputEnabled ? CloudWatchLogGroupName : undefined,
      invocations: input.InstanceIds.map((instanceId) => ({
        instanceId,
        isVisible: false,
        status: 'Pending',
        startedAt: undefined,
        endedAt: undefined,
        outcome: undefined,
      })),
    };
  }

  /** Settles when the event of the final status has been delivered. */
  async #run(command: Command, invocation: Invocation): Promise<void> {
    await this.#core.context.time.wait(deliverySeconds, this.#stopping.signal);
    invocation.isVisible = true;
    invocation.startedAt = new Date();
    invocation.status = 'InProgress';
    void this.#publishStatus(command, invocation);
    const outcome = await this.#outcomeOf(command, invocation.instanceId);
    if (this.#stopping.signal.aborted) return;
    // An agent that cannot send its output reports the result all the same.
    await this.#log(command, invocation, outcome).catch((error: Error) =>
      this.#core.context.log('ssm', `output of ${command.commandId} is not in CloudWatch Logs: ${error.message}`),
    );
    invocation.endedAt = new Date();
    invocation.outcome = outcome;
    invocation.status = outcome.status;
    if (this.#core.context.faults.take('command-event-lost', this.#shortName(command))) return;
    await this.#publishStatus(command, invocation);
  }

  async #outcomeOf(command: Command, instanceId: string): Promise<CommandOutcome> {
    const { commandId, document, parameters } = command;
    const { name: documentName, content } = document;
    try {
      return await this.#core.options.instances.run(instanceId, { commandId, documentName, content, parameters });
    } catch (error) {
      // The instance was terminated while the command ran: its agent never reports a result.
      this.#core.context.log('ssm', `${documentName} on ${instanceId}: ${(error as Error).message}`);
      return { status: 'TimedOut', exitCode: -1, stdout: '', stderr: '' };
    }
  }

  /** What the agent sends to CloudWatch Logs, an event a line, with the permissions of its instance. */
  async #log(
    { commandId, document, logGroupName }: Command,
    { instanceId }: Invocation,
    outcome: CommandOutcome,
  ): Promise<void> {
    if (logGroupName === undefined) return;
    const { instanceProfile = '' } = this.#instances.required(instanceId);
    const roleArn = this.#core.instanceProfileRole(instanceProfile);
    const plugin = document.content.mainSteps[0]!.action.replace(':', '-');
    for (const output of ['stdout', 'stderr'] as const) {
      const lines = outcome[output].split('\n').filter((line) => line !== '');
      if (lines.length === 0) continue;
      const stream = { logGroupName, logStreamName: `${commandId}/${instanceId}/${plugin}/${output}` };
      const logEvents = lines.map((message) => ({ timestamp: Date.now(), message }));
      await this.#core.call('logs', 'CreateLogStream', stream, roleArn);
      await this.#core.call('logs', 'PutLogEvents', { ...stream, logEvents }, roleArn);
    }
  }

  /** https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html */
  #publishStatus(command: Command, { instanceId, status }: Invocation): Promise<void> {
    return this.#core.eventBus.publish({
      source: 'aws.ssm',
      detailType: 'EC2 Command Invocation Status-change Notification',
      resources: [arnOf(this.#core, 'ec2', `instance/${instanceId}`)],
      detail: {
        'command-id': command.commandId,
        'document-name': command.document.name,
        'instance-id': instanceId,
        'requested-date-time': command.requestedAt.toISOString(),
        status,
      },
    });
  }

  #requireOnline(instanceIds: readonly string[]): void {
    if (new Set(instanceIds).size < instanceIds.length)
      throw new ServiceError('DuplicateInstanceId', 'You cannot specify an instance ID in more than one association.');
    const offline = instanceIds.filter((instanceId) => this.#instances.find(instanceId)?.agent !== 'Online');
    if (instanceIds.length > 0 && offline.length === 0) return;
    const message = `Instances [[${offline.join(', ')}]] not in a valid state for account ${this.#core.accountId}`;
    throw new ServiceError('InvalidInstanceId', message);
  }

  /** Faults name documents without the cluster's name: join-node for stepkube-join-node. */
  #shortName({ document }: Command): string {
    const prefix = `${this.#core.options.stackName}-`;
    return document.name.startsWith(prefix) ? document.name.slice(prefix.length) : document.name;
  }
}
