import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CommandOutcome } from '#local/contracts/instance.ts';
import { instanceStoreOf } from '../ec2/instances.ts';
import { publishAwsEvent } from '../events/bus.ts';
import { type CloudCore, ServiceError } from '../service.ts';
import { type Command, type Invocation, type InvocationStatus, invocationDoesNotExist } from './command.ts';
import { commandParameters, type DocumentStore } from './documents.ts';

/** Simulated seconds until an agent has fetched a command. */
const deliverySeconds = 0.5;
/** Clients give up on SendCommand after some seconds: an early event must have come by then. */
const earlyEventMilliseconds = 5_000;

/** Run Command: sends documents to instances and announces what becomes of them. */
export class CommandStore {
  readonly #core: CloudCore;
  readonly #documents: DocumentStore;
  readonly #commands = new Map<string, Command>();
  readonly #stopping = new AbortController();

  constructor(core: CloudCore, documents: DocumentStore) {
    this.#core = core;
    this.#documents = documents;
  }

  list(): readonly Command[] {
    return [...this.#commands.values()];
  }

  /** @throws ServiceError InvocationDoesNotExist */
  required(commandId: string, instanceId: string): { command: Command; invocation: Invocation } {
    const command = this.#commands.get(commandId);
    const invocation = command?.invocations.find((candidate) => candidate.instanceId === instanceId);
    if (command === undefined || invocation === undefined || !invocation.visible) throw invocationDoesNotExist();
    return { command, invocation };
  }

  /**
   * Takes the input of SendCommand.
   * @throws ServiceError InvalidDocument, InvalidParameters, InvalidInstanceId (unknown, or its agent is not online)
   */
  // biome-ignore lint/suspicious/noExplicitAny: the operation's documented input
  async send(input: any): Promise<Command> {
    const document = this.#documents.required(input.DocumentName);
    const parameters = commandParameters(document, input.Parameters);
    const instanceIds: readonly string[] = input.InstanceIds ?? [];
    this.#requireOnline(instanceIds);
    const output = input.CloudWatchOutputConfig;
    const command: Command = {
      commandId: randomUUID(),
      document,
      parameters,
      comment: input.Comment ?? '',
      timeoutSeconds: Number(input.TimeoutSeconds ?? 3600),
      requestedAt: new Date(),
      logGroupName: output?.CloudWatchOutputEnabled
        ? (output.CloudWatchLogGroupName ?? `/aws/ssm/${document.name}`)
        : undefined,
      invocations: instanceIds.map((instanceId) => ({
        instanceId,
        visible: false,
        status: 'Pending',
        startedAt: undefined,
        endedAt: undefined,
        outcome: undefined,
      })),
    };
    this.#commands.set(command.commandId, command);
    const runs = Promise.all(command.invocations.map((invocation) => this.#run(command, invocation)));
    runs.catch((error: Error) => {
      if (!this.#stopping.signal.aborted) this.#core.context.log('ssm', `${command.commandId}: ${error.stack}`);
    });
    if (this.#core.context.faults.take('command-event-early', this.#shortName(command))) {
      await Promise.race([runs, delay(earlyEventMilliseconds, undefined, { ref: false })]);
    }
    return command;
  }

  stop(): void {
    this.#stopping.abort(new Error('the twin stops'));
  }

  /** Settles when the final event has been delivered. */
  async #run(command: Command, invocation: Invocation): Promise<void> {
    await this.#core.context.time.wait(deliverySeconds, this.#stopping.signal);
    invocation.visible = true;
    invocation.startedAt = new Date();
    invocation.status = 'InProgress';
    void this.#announce(command, invocation);
    const outcome = await this.#outcomeOf(command, invocation.instanceId);
    if (this.#stopping.signal.aborted) return;
    this.#log(command, invocation, outcome);
    invocation.endedAt = new Date();
    invocation.outcome = outcome;
    invocation.status = outcome.status;
    if (this.#core.context.faults.take('command-event-lost', this.#shortName(command))) return;
    await this.#announce(command, invocation);
  }

  async #outcomeOf(command: Command, instanceId: string): Promise<CommandOutcome> {
    const { commandId, document, parameters } = command;
    const { name: documentName, content } = document;
    try {
      return await this.#core.options.instances.run(instanceId, { commandId, documentName, content, parameters });
    } catch (error) {
      // The instance went away under the command: its agent never reports.
      this.#core.context.log('ssm', `${documentName} on ${instanceId}: ${(error as Error).message}`);
      return { status: 'TimedOut', exitCode: -1, stdout: '', stderr: '' };
    }
  }

  #log({ commandId, document, logGroupName }: Command, { instanceId }: Invocation, outcome: CommandOutcome): void {
    if (logGroupName === undefined) return;
    const plugin = document.content.mainSteps[0]!.action.replace(':', '-');
    for (const stream of ['stdout', 'stderr'] as const) {
      if (outcome[stream] !== '') {
        this.#core.appendLog(logGroupName, `${commandId}/${instanceId}/${plugin}/${stream}`, outcome[stream]);
      }
    }
  }

  #announce(command: Command, { instanceId, status }: Invocation): Promise<void> {
    return publishAwsEvent(this.#core, {
      source: 'aws.ssm',
      detailType: 'EC2 Command Invocation Status-change Notification',
      resources: [`arn:aws:ec2:${this.#core.region}:${this.#core.accountId}:instance/${instanceId}`],
      detail: {
        'command-id': command.commandId,
        'document-name': command.document.name,
        'instance-id': instanceId,
        'requested-date-time': command.requestedAt.toISOString(),
        status: status satisfies InvocationStatus,
      },
    });
  }

  #requireOnline(instanceIds: readonly string[]): void {
    const instances = instanceStoreOf(this.#core);
    const offline = instanceIds.filter((instanceId) => instances.find(instanceId)?.agent !== 'Online');
    if (instanceIds.length > 0 && offline.length === 0) return;
    const message = `Instances [[${offline.join(', ')}]] not in a valid state for account ${this.#core.accountId}`;
    throw new ServiceError('InvalidInstanceId', message);
  }

  /** stepkube-join-node -> join-node, as faults name documents. */
  #shortName({ document }: Command): string {
    const prefix = `${this.#core.options.stackName}-`;
    return document.name.startsWith(prefix) ? document.name.slice(prefix.length) : document.name;
  }
}
