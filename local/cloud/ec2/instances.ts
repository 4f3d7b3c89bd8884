import { randomBytes } from 'node:crypto';
import type { InstanceSpec } from '#local/contracts/instance.ts';
import { publishAwsEvent } from '../events/bus.ts';
import { type CloudCore, ServiceError } from '../service.ts';
import { type Instance, type InstanceState, type LaunchTemplate, privateDnsNameOf, type Subnet } from './instance.ts';

export interface Launch {
  readonly template: LaunchTemplate;
  readonly subnet: Subnet;
  /** On top of the launch template's. */
  readonly tags: Readonly<Record<string, string>>;
  readonly instanceType?: string;
  readonly clientToken?: string;
}

/** Simulated seconds between two states. */
const launchSeconds = 6;
const shutdownSeconds = 10;

/** EC2's side of one account: what EC2, Auto Scaling and Systems Manager all look at. */
export class InstanceStore {
  readonly subnets = new Map<string, Subnet>();
  readonly launchTemplates = new Map<string, LaunchTemplate>();
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
    if (instance === undefined) {
      throw new ServiceError('InvalidInstanceID.NotFound', `The instance ID '${instanceId}' does not exist`);
    }
    return instance;
  }

  /** @throws ServiceError InvalidLaunchTemplateId.NotFound */
  requiredTemplate(launchTemplateId: string): LaunchTemplate {
    const template = this.launchTemplates.get(launchTemplateId);
    if (template === undefined) {
      const message = `The specified launch template, with template ID ${launchTemplateId}, does not exist.`;
      throw new ServiceError('InvalidLaunchTemplateId.NotFound', message);
    }
    return template;
  }

  /** @throws ServiceError InvalidSubnetID.NotFound */
  requiredSubnet(subnetId: string): Subnet {
    const subnet = this.subnets.get(subnetId);
    if (subnet === undefined) {
      throw new ServiceError('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
    }
    return subnet;
  }

  /** Called after any change of an instance. Returns how to stop that. */
  onChange(listener: (instance: Instance) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A new instance in state pending; the rest happens by itself. */
  launch({ template, subnet, tags, instanceType, clientToken }: Launch): Instance {
    const privateIp = this.#core.context.network.instanceAddress(subnet.cidrBlock);
    const instance: Instance = {
      instanceId: resourceId('i'),
      reservationId: resourceId('r'),
      imageId: template.imageId,
      instanceType: instanceType ?? template.instanceType,
      subnet,
      privateIp,
      privateDnsName: privateDnsNameOf(privateIp, this.#core.region),
      securityGroupIds: template.securityGroupIds,
      instanceProfile: template.instanceProfile,
      clientToken,
      launchTime: new Date(),
      tags: { ...template.tags, ...tags },
      state: 'pending',
      agent: 'none',
      agentVersion: undefined,
      lifecycleState: undefined,
    };
    this.#instances.set(instance.instanceId, instance);
    this.#enter(instance, 'pending');
    this.#run(instance, () => this.#start(instance));
    return instance;
  }

  /** Settles once the instance has begun to shut down. A terminated instance stays terminated. */
  async terminate(instance: Instance): Promise<void> {
    if (instance.state === 'shutting-down' || instance.state === 'terminated') return;
    this.#enter(instance, 'shutting-down');
    this.#run(instance, () => this.#shutDown(instance));
  }

  /** Tells the listeners of a change that somebody else made, such as Auto Scaling's lifecycle state. */
  changed(instance: Instance): void {
    this.#core.context.changed();
    for (const listener of this.#listeners) listener(instance);
  }

  stop(): void {
    this.#listeners.clear();
    this.#stopping.abort(new Error('the twin stops'));
  }

  async #start(instance: Instance): Promise<void> {
    await this.#core.context.time.wait(launchSeconds, this.#stopping.signal);
    if (!isIn(instance, 'pending')) return;
    const { agentOnline } = this.#core.options.instances.boot(this.#specOf(instance));
    this.#enter(instance, 'running');
    const { agentVersion } = await agentOnline;
    if (!isIn(instance, 'running')) return;
    instance.agentVersion = agentVersion;
    instance.agent = 'Online';
    this.changed(instance);
  }

  async #shutDown(instance: Instance): Promise<void> {
    if (instance.agent === 'Online') instance.agent = 'ConnectionLost';
    await this.#core.options.instances.terminate(instance.instanceId);
    await this.#core.context.time.wait(shutdownSeconds, this.#stopping.signal);
    this.#enter(instance, 'terminated');
  }

  #enter(instance: Instance, state: InstanceState): void {
    instance.state = state;
    const { instanceId } = instance;
    void publishAwsEvent(this.#core, {
      source: 'aws.ec2',
      detailType: 'EC2 Instance State-change Notification',
      resources: [`arn:aws:ec2:${this.#core.region}:${this.#core.accountId}:instance/${instanceId}`],
      detail: { 'instance-id': instanceId, state },
    });
    this.changed(instance);
  }

  #run(instance: Instance, work: () => Promise<void>): void {
    work().catch((error: Error) => {
      if (this.#stopping.signal.aborted) return;
      this.#core.context.log('ec2', `${instance.instanceId}: ${error.stack}`);
    });
  }

  #specOf(instance: Instance): InstanceSpec {
    const { instanceId, instanceType, privateIp, privateDnsName, tags, subnet, instanceProfile } = instance;
    return {
      instanceId,
      instanceType,
      role: roleOf(instance),
      privateIp,
      privateDnsName,
      availabilityZone: subnet.availabilityZone,
      region: this.#core.region,
      accountId: this.#core.accountId,
      tags,
      endpoint: this.#core.endpoint,
      credentials: () => {
        if (instanceProfile === undefined) throw new Error(`${instanceId} has no instance profile`);
        return this.#core.issueCredentials(this.#core.instanceProfileRole(instanceProfile), instanceId);
      },
    };
  }
}

export function roleOf({ tags }: Instance): 'control-plane' | 'worker' {
  return tags['stepkube:role'] === 'control-plane' ? 'control-plane' : 'worker';
}

/** The state may have changed while its caller waited. */
function isIn(instance: Instance, state: InstanceState): boolean {
  return instance.state === state;
}

const stores = new WeakMap<CloudCore, InstanceStore>();

/** The one store of a cloud. */
export function instanceStoreOf(core: CloudCore): InstanceStore {
  let store = stores.get(core);
  if (store === undefined) {
    store = new InstanceStore(core);
    stores.set(core, store);
  }
  return store;
}

function resourceId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`;
}
