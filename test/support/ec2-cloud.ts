import { InstanceStore } from '#local/cloud/ec2/instance-store.ts';
import { LaunchResources } from '#local/cloud/ec2/launch-resources.ts';
import { createEc2Module } from '#local/cloud/ec2/module.ts';
import type { BusEvent } from '#local/cloud/events/bus.ts';
import type { CloudModule } from '#local/cloud/service.ts';
import { createEc2Resources, type Ec2Resources } from './ec2-resources.ts';
import { createFakeCloud, type FakeCloud, type FakeCloudOptions } from './fake-cloud.ts';
import { createFakeInstances, type FakeInstances } from './fake-instances.ts';

/** A fake cloud with the EC2 module, for tests of EC2 and of the modules that work with its instances. */
export interface Ec2Cloud extends AsyncDisposable {
  readonly cloud: FakeCloud;
  readonly ec2: CloudModule;
  readonly instances: FakeInstances;
  readonly store: InstanceStore;
  readonly launchResources: LaunchResources;
  readonly resources: Ec2Resources;
  /** Events that one AWS service has published, oldest first. */
  eventsOf(source: string): readonly BusEvent[];
}

export interface Ec2CloudOptions extends Pick<FakeCloudOptions, 'faults'> {
  /** Role of the launch template's instances. @default 'worker' */
  readonly role?: 'control-plane' | 'worker';
  /** false: the SSM agents of instances never register. @default true */
  readonly agents?: boolean;
}

export async function createEc2Cloud({
  role = 'worker',
  agents = true,
  faults = [],
}: Ec2CloudOptions = {}): Promise<Ec2Cloud> {
  const instances = createFakeInstances();
  instances.agents = agents;
  const cloud = await createFakeCloud({ instances, faults });
  const store = new InstanceStore(cloud.core);
  const launchResources = new LaunchResources();
  const ec2 = createEc2Module(cloud.core, store, launchResources);
  cloud.add(ec2);
  const events: BusEvent[] = [];
  cloud.core.eventBus.connect(async (event) => {
    events.push(event);
  });
  return {
    cloud,
    ec2,
    instances,
    store,
    launchResources,
    resources: await createEc2Resources(cloud, role),
    eventsOf: (source) => events.filter((event) => event.source === source),
    [Symbol.asyncDispose]: () => cloud.stop(),
  };
}
