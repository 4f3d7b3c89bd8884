import type { InstanceStore } from '../ec2/instance-store.ts';
import type { LaunchResources } from '../ec2/launch-resources.ts';
import type { Input } from '../operation.ts';
import type { CloudCore, CloudModule } from '../service.ts';
import { GroupStore } from './group-store.ts';
import { autoScalingOperations } from './operations.ts';
import { autoScalingProviders } from './resources.ts';
import { changesTags, taggedGroups } from './tags.ts';

/** The groups that an operation changes. */
function groupNamesOf(store: GroupStore, operation: string, input: Input): readonly unknown[] {
  if (changesTags(operation)) return taggedGroups(input);
  return [input['AutoScalingGroupName'] ?? store.memberOf(String(input['InstanceId']))?.group.name];
}

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
          const names = groupNamesOf(store, operation, input);
          return store.list().flatMap(({ name, arn }) => (names.includes(name) ? [arn] : []));
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
