import type { InstanceView } from '#local/contracts/views.ts';
import { type CloudCore, type CloudModule, type Operation, ServiceError } from '../service.ts';
import { filterInstances, filterSubnets, listOf, reservationXml, stateXml, subnetXml } from './describe.ts';
import type { Instance } from './instance.ts';
import { type InstanceStore, instanceStoreOf, roleOf } from './instances.ts';
import { ec2Providers } from './resources.ts';
import { runInstancesOperation } from './run-instances.ts';

/** EC2: instances are root folders of this machine, see InstanceHost. */
export function createEc2Module(core: CloudCore): CloudModule {
  const store = instanceStoreOf(core);
  return {
    services: [{ name: 'ec2', operations: operationsOf(core, store), resourcesOf: resourcesOf(core, store) }],
    providers: ec2Providers(core, store),
    view: () => ({
      instances: store
        .list()
        .filter(({ state }) => state !== 'terminated')
        .map(viewOf),
    }),
    stop: async () => store.stop(),
  };
}

function operationsOf(core: CloudCore, store: InstanceStore): Readonly<Record<string, Operation>> {
  const wanted = (input: { InstanceId?: unknown }) => {
    const ids = listOf<string>(input.InstanceId);
    return ids.length === 0 ? store.list() : ids.map((id) => store.required(id));
  };
  return {
    RunInstances: runInstancesOperation(core, store),

    DescribeInstances: async (input) => ({
      reservationSet: filterInstances(wanted(input), input.Filter).map((instance) =>
        reservationXml([instance], core.accountId),
      ),
    }),

    TerminateInstances: async (input) => {
      const instances = wanted(input);
      const changes = instances.map((instance) => {
        const previousState = stateXml(instance.state);
        void store.terminate(instance);
        return { instanceId: instance.instanceId, currentState: stateXml(instance.state), previousState };
      });
      return { instancesSet: changes };
    },

    /** Only instances that run already: the twin's instances are never stopped. */
    StartInstances: async (input) => {
      const instances = wanted(input);
      const gone = instances.find(({ state }) => state === 'shutting-down' || state === 'terminated');
      if (gone !== undefined) {
        const message = `The instance '${gone.instanceId}' is not in a state from which it can be started.`;
        throw new ServiceError('IncorrectInstanceState', message);
      }
      return {
        instancesSet: instances.map(({ instanceId, state }) => ({
          instanceId,
          currentState: stateXml(state),
          previousState: stateXml(state),
        })),
      };
    },

    DescribeSubnets: async (input) => {
      const ids = listOf<string>(input.SubnetId);
      const subnets = ids.length === 0 ? [...store.subnets.values()] : ids.map((id) => store.requiredSubnet(id));
      return { subnetSet: filterSubnets(subnets, input.Filter).map(subnetXml) };
    },
  };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
function resourcesOf(core: CloudCore, store: InstanceStore) {
  const arn = (type: string, id: string) => `arn:aws:ec2:${core.region}:${core.accountId}:${type}/${id}`;
  // biome-ignore lint/suspicious/noExplicitAny: the operation's documented input
  return (operation: string, input: any): readonly string[] => {
    if (operation === 'TerminateInstances' || operation === 'StartInstances') {
      return listOf<string>(input.InstanceId).map((id) => arn('instance', id));
    }
    if (operation !== 'RunInstances') return [];
    const templateId: string | undefined = input.LaunchTemplate?.LaunchTemplateId;
    const template = templateId === undefined ? undefined : store.launchTemplates.get(templateId);
    return [
      ...['instance', 'volume', 'network-interface'].map((type) => arn(type, '*')),
      arn('subnet', String(input.SubnetId)),
      ...(template === undefined
        ? []
        : [
            arn('launch-template', template.launchTemplateId),
            `arn:aws:ec2:${core.region}::image/${template.imageId}`,
            ...template.securityGroupIds.map((id) => arn('security-group', id)),
          ]),
    ];
  };
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
