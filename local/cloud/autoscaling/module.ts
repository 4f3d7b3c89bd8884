import type { InstanceStore } from '../ec2/instance-store.ts';
import type { LaunchResources } from '../ec2/launch-resources.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { GroupStore } from './group-store.ts';
import { autoScalingOperations } from './operations.ts';
import { autoScalingProviders } from './resources.ts';

/** EC2 Auto Scaling: groups that keep their desired capacity, with lifecycle hooks. */
export function createAutoScalingModule(
  core: CloudCore,
  instances: InstanceStore,
  launchResources: LaunchResources,
): CloudModule {
  const store = new GroupStore(core, instances, launchResources);
  return {
    services: [
      {
        name: 'autoscaling',
        operations: autoScalingOperations(store),
        resourcesOf: (operation, input) => {
          // Describe actions have no resource-level permissions.
          if (operation.startsWith('Describe')) return [];
          const name = input['AutoScalingGroupName'] ?? store.memberOf(String(input['InstanceId']))?.group.name;
          const group = store.list().find((candidate) => candidate.name === name);
          return group === undefined ? [] : [group.arn];
        },
      },
    ],
    providers: autoScalingProviders(core, store, launchResources),
    view: () => ({
      groups: store.list().map(({ name, desiredCapacity, minSize, maxSize }) => ({
        name,
        desired: desiredCapacity,
        minimum: minSize,
        maximum: maxSize,
      })),
    }),
    async start() {
      for (const group of store.list()) store.reconcile(group);
    },
    async stop() {
      store.stop();
    },
  };
}
