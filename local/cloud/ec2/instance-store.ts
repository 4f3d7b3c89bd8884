import { randomBytes } from 'node:crypto';
import type { InstanceHost } from '#local/contracts/instance.ts';
import { arnOf } from '../arns.ts';
import type { CloudCore } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import {
  type Instance,
  type InstanceState,
  type LaunchTemplate,
  privateDnsNameOf,
  roleOf,
  type Subnet,
  type Tags,
} from './instance.ts';
import { specOf } from './instance-spec.ts';

export interface Launch {
  readonly template: LaunchTemplate;
  readonly subnet: Subnet;
  /** Added to the launch template's, which they override. */
  readonly tags: Tags;
  /** @default the launch template's */
  readonly instanceType?: string | undefined;
  readonly clientToken?: string | undefined;
}

/** Simulated seconds from pending to running, and from shutting-down to terminated. */
const launchSeconds = 6;
const shutdownSeconds = 10;
/** Until the kernel is back. */
const rebootSeconds = 30;
/** Between the warning and the end of a spot instance. */
const interruptionSeconds = 120;

export const unknownInstance = (instanceId: string): ServiceError =>
  new ServiceError('InvalidInstanceID.NotFound', `The instance ID '${instanceId}' does not exist`);

/** The instances of the account, which EC2, Auto Scaling and Systems Manager share. */
export class InstanceStore {
  readonly #core: CloudCore;
  readonly #instances = new Map<string, Instance>();
  readonly #listeners = new Set<(instance: Instance) => void>();
  readonly #stopping = new AbortController();

  constructor(core: CloudCore) {
    this.#core = core;
  }

  list(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  find(instanceId: string): Instance | undefined {
    return this.#instances.get(instanceId);
  }

  /** @throws ServiceError InvalidInstanceID.NotFound */
  required(instanceId: string): Instance {
    const instance = this.#instances.get(instanceId);
    if (instance === undefined) throw unknownInstance(instanceId);
    return instance;
  }

  /** Calls `listener` after any change of an instance. Returns a function that removes the listener. */
  onChange(listener: (instance: Instance) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Returns a new instance in state pending; it becomes running by itself. */
  launch({ template, subnet, tags, instanceType, clientToken }: Launch): Instance {
    const privateIp = this.#core.context.network.instanceAddress(subnet.cidrBlock);
    const instance: Instance = {
      instanceId: newId('i'),
      reservationId: newId('r'),
      imageId: template.imageId,
      instanceType: instanceType ?? template.instanceType,
      subnet,
      privateIp,
      privateDnsName: privateDnsNameOf(privateIp, this.#core.region),
      securityGroupIds: template.securityGroupIds,
      instanceProfile: template.instanceProfile,
      clientToken,
      // Functions, which go by the twin's clock, ask how old an instance is.
      launchTime: new Date(this.#core.context.time.now()),
      tags: { ...template.tags, ...tags },
      state: 'pending',
      agent: 'none',
      agentVersion: undefined,
      lifecycleState: undefined,
    };
    this.#instances.set(instance.instanceId, instance);
    this.#setState(instance, 'pending');
    const firstBoot = () => this.#core.options.instances.boot(specOf(this.#core, instance));
    this.#runInBackground(instance, () => this.#boot(instance, firstBoot));
    return instance;
  }

  /** Begins to shut the instance down. Does nothing for one that is shutting down or terminated. */
  terminate(instance: Instance): void {
    if (instance.state === 'shutting-down' || instance.state === 'terminated') return;
    this.#setState(instance, 'shutting-down');
    this.#runInBackground(instance, () => this.#shutDown(instance));
  }

  /** Begins to stop a running instance. @throws ServiceError for one in another state, and for a worker */
  powerOff(instance: Instance): void {
    requireControlPlane(instance, 'stopped');
    if (instance.state === 'stopping' || instance.state === 'stopped') return;
    if (instance.state !== 'running') throw wrongState(instance, 'stopped');
    this.#setState(instance, 'stopping');
    this.#runInBackground(instance, async () => {
      await this.#endProcesses(instance);
      await this.#core.context.time.wait(shutdownSeconds, this.#stopping.signal);
      if (isInState(instance, 'stopping')) this.#setState(instance, 'stopped');
    });
  }

  /** Begins to start a stopped instance. @throws ServiceError for one in another state that is not running */
  powerOn(instance: Instance): void {
    if (instance.state === 'running' || instance.state === 'pending') return;
    if (instance.state !== 'stopped') throw wrongState(instance, 'started');
    instance.launchTime = new Date(this.#core.context.time.now());
    this.#setState(instance, 'pending');
    this.#runInBackground(instance, () => this.#boot(instance, () => this.#powerOn(instance)));
  }

  /** Its state stays as it is, as EC2 tells it. @throws ServiceError as powerOff does */
  reboot(instance: Instance): void {
    requireControlPlane(instance, 'rebooted');
    if (instance.state !== 'running') throw wrongState(instance, 'rebooted');
    this.#runInBackground(instance, async () => {
      await this.#endProcesses(instance);
      await this.#core.context.time.wait(rebootSeconds, this.#stopping.signal);
      if (isInState(instance, 'running')) await this.#untilOnline(instance, this.#powerOn(instance));
    });
  }

  /** Warns that a running instance is taken back, and takes it two simulated minutes later. */
  interrupt(instance: Instance): void {
    this.#publish(instance, 'EC2 Spot Instance Interruption Warning', { 'instance-action': 'terminate' });
    this.#runInBackground(instance, async () => {
      await this.#core.context.time.wait(interruptionSeconds, this.#stopping.signal);
      this.terminate(instance);
    });
  }

  /** To be called after a change that is made outside of this class, such as Auto Scaling's lifecycle state. */
  notifyChanged(instance: Instance): void {
    this.#core.context.changed();
    for (const listener of this.#listeners) listener(instance);
  }

  stop(): void {
    this.#listeners.clear();
    this.#stopping.abort(new Error('the twin stops'));
  }

  async #boot(instance: Instance, start: () => Boot): Promise<void> {
    await this.#core.context.time.wait(launchSeconds, this.#stopping.signal);
    if (!isInState(instance, 'pending')) return;
    const boot = start();
    this.#setState(instance, 'running');
    await this.#untilOnline(instance, boot);
  }

  #powerOn(instance: Instance): Boot {
    return this.#core.options.instances.powerOn(instance.instanceId);
  }

  async #untilOnline(instance: Instance, { agentOnline }: Boot): Promise<void> {
    const { agentVersion } = await agentOnline;
    if (!isInState(instance, 'running')) return;
    instance.agentVersion = agentVersion;
    instance.agent = 'Online';
    this.notifyChanged(instance);
  }

  async #endProcesses(instance: Instance): Promise<void> {
    if (instance.agent === 'Online') instance.agent = 'ConnectionLost';
    this.notifyChanged(instance);
    await this.#core.options.instances.powerOff(instance.instanceId);
  }

  async #shutDown(instance: Instance): Promise<void> {
    if (instance.agent === 'Online') instance.agent = 'ConnectionLost';
    await this.#core.options.instances.terminate(instance.instanceId);
    await this.#core.context.time.wait(shutdownSeconds, this.#stopping.signal);
    this.#setState(instance, 'terminated');
  }

  #setState(instance: Instance, state: InstanceState): void {
    instance.state = state;
    this.#publish(instance, 'EC2 Instance State-change Notification', { state });
    this.notifyChanged(instance);
  }

  #publish({ instanceId }: Instance, detailType: string, detail: object): void {
    void this.#core.eventBus.publish({
      source: 'aws.ec2',
      detailType,
      resources: [arnOf(this.#core, 'ec2', `instance/${instanceId}`)],
      detail: { 'instance-id': instanceId, ...detail },
    });
  }

  #runInBackground(instance: Instance, work: () => Promise<void>): void {
    work().catch((error: Error) => {
      if (this.#stopping.signal.aborted) return;
      this.#core.context.log('ec2', `${instance.instanceId}: ${error.stack}`);
    });
  }
}

type Boot = ReturnType<InstanceHost['boot']>;

/** A worker that is stopped would be replaced by its group, whose health checks the twin does not have. */
function requireControlPlane(instance: Instance, what: string): void {
  if (roleOf(instance) !== 'control-plane')
    throw new ServiceError('UnsupportedOperation', `in the twin only a control plane can be ${what}`);
}

const wrongState = ({ instanceId }: Instance, what: string): ServiceError =>
  new ServiceError(
    'IncorrectInstanceState',
    `The instance '${instanceId}' is not in a state from which it can be ${what}.`,
  );

/** For a state that may have changed during an `await`, which the type checker does not see. */
function isInState(instance: Instance, state: InstanceState): boolean {
  return instance.state === state;
}

function newId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`;
}
