import { z } from 'zod';
import type { InstanceView } from '#local/contracts/views.ts';
import { arnOf } from '../arns.ts';
import { type Input, type Operation, operation, parseInput } from '../operation.ts';
import { queryList } from '../schema.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { ServiceError } from '../service-error.ts';
import { reservationXml, stateXml, subnetXml } from './describe.ts';
import { refuseDryRun } from './dry-run.ts';
import { filterInstances, filterList, filterSubnets } from './filters.ts';
import { type Instance, roleOf } from './instance.ts';
import { type InstanceStore, unknownInstance } from './instance-store.ts';
import { launchDescriptions } from './launch-descriptions.ts';
import { type LaunchResources, launchResourceProviders } from './launch-resources.ts';
import { runInstancesInput, runInstancesOperation } from './run-instances.ts';

const instancesInput = z.object({ InstanceId: queryList(z.string()), DryRun: z.string().optional() });
const describeInstancesInput = instancesInput.extend({ Filter: filterList });
const describeSubnetsInput = z.object({
  SubnetId: queryList(z.string()),
  Filter: filterList,
  DryRun: z.string().optional(),
});

/** EC2: an instance is a root folder and processes of this machine, see InstanceHost. */
export function createEc2Module(core: CloudCore, store: InstanceStore, resources: LaunchResources): CloudModule {
  return {
    services: [
      {
        name: 'ec2',
        operations: operationsOf(core, store, resources),
        resourcesOf: (operation, input) => resourcesOf(core, resources, operation, input),
      },
    ],
    providers: launchResourceProviders(core.options.stackName, resources),
    view: () => ({
      instances: store
        .list()
        .filter(({ state }) => state !== 'terminated')
        .map(viewOf),
    }),
    stop: async () => store.stop(),
  };
}

function operationsOf(
  core: CloudCore,
  store: InstanceStore,
  resources: LaunchResources,
): Readonly<Record<string, Operation>> {
  return {
    RunInstances: runInstancesOperation(core, store, resources),

    /** Not an operation of EC2's API: what AWS does with a spot instance whose capacity it needs. */
    InterruptSpotInstance: operation(instancesInput, ({ InstanceId: ids }) => {
      for (const id of ids) store.interrupt(store.required(id));
      return {};
    }),

    DescribeInstances: operation(describeInstancesInput, ({ InstanceId: ids, Filter, DryRun }) => {
      refuseDryRun({ DryRun });
      const instances = ids.length === 0 ? store.list() : ids.map((id) => known(core, store, id));
      return {
        reservationSet: filterInstances(instances, Filter).map((instance) =>
          reservationXml([instance], core.accountId),
        ),
      };
    }),

    TerminateInstances: changeInstances(store, (instance) => store.terminate(instance)),
    StartInstances: changeInstances(store, (instance) => store.powerOn(instance)),
    StopInstances: changeInstances(store, (instance) => store.powerOff(instance)),
    RebootInstances: changeInstances(store, (instance) => store.reboot(instance)),

    ...launchDescriptions(core, resources),

    DescribeSubnets: operation(describeSubnetsInput, ({ SubnetId: ids, Filter, DryRun }) => {
      refuseDryRun({ DryRun });
      const subnets =
        ids.length === 0 ? [...resources.subnets.values()] : ids.map((id) => resources.requiredSubnet(id));
      return { subnetSet: filterSubnets(subnets, Filter).map(subnetXml) };
    }),
  };
}

/** Changes the state of all instances that are named, or of none when one is unknown. */
function changeInstances(store: InstanceStore, change: (instance: Instance) => void): Operation {
  return operation(instancesInput, ({ InstanceId: ids, DryRun }) => {
    requireIds(ids);
    const instances = ids.map((id) => store.required(id));
    refuseDryRun({ DryRun });
    const changes = instances.map((instance) => {
      const previousState = stateXml(instance.state);
      change(instance);
      return { instanceId: instance.instanceId, currentState: stateXml(instance.state), previousState };
    });
    return { instancesSet: changes };
  });
}

const stateChanges = ['TerminateInstances', 'StartInstances', 'StopInstances', 'RebootInstances'];

/** @throws ServiceError MissingParameter */
function requireIds(ids: readonly string[]): void {
  if (ids.length === 0) throw new ServiceError('MissingParameter', 'The request must contain the parameter InstanceId');
}

/** EC2 is eventually consistent. @throws ServiceError InvalidInstanceID.NotFound, by a fault also for an instance that exists */
function known({ context }: CloudCore, store: InstanceStore, instanceId: string): Instance {
  const instance = store.required(instanceId);
  if (context.faults.take('instance-unknown', roleOf(instance))) throw unknownInstance(instanceId);
  return instance;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
function resourcesOf(core: CloudCore, resources: LaunchResources, operation: string, input: Input): readonly string[] {
  const arn = (type: string, id: string) => arnOf(core, 'ec2', `${type}/${id}`);
  if (stateChanges.includes(operation)) {
    return parseInput('ec2', instancesInput, input).InstanceId.map((id) => arn('instance', id));
  }
  if (operation !== 'RunInstances') return [];
  const { LaunchTemplate, SubnetId } = parseInput('ec2', runInstancesInput, input);
  const template = resources.launchTemplates.get(LaunchTemplate.LaunchTemplateId);
  return [
    ...['instance', 'volume', 'network-interface'].map((type) => arn(type, '*')),
    arn('subnet', SubnetId),
    ...(template === undefined
      ? []
      : [
          arn('launch-template', template.launchTemplateId),
          // AMI ARNs name no account: most images belong to another one.
          arnOf({ region: core.region, accountId: '' }, 'ec2', `image/${template.imageId}`),
          ...template.securityGroupIds.map((id) => arn('security-group', id)),
        ]),
  ];
}

function viewOf(instance: Instance): InstanceView {
  return {
    instanceId: instance.instanceId,
    role: roleOf(instance),
    instanceType: instance.instanceType,
    availabilityZone: instance.subnet.availabilityZone,
    privateIp: instance.privateIp,
    state: instance.state,
    ...(instance.lifecycleState === undefined ? {} : { lifecycleState: instance.lifecycleState }),
    agent: instance.agent,
  };
}
