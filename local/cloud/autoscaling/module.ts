import type { CloudCore, CloudModule } from '../service.ts';
import { GroupStore } from './groups.ts';
import { autoScalingOperations } from './operations.ts';
import { autoScalingProviders } from './resources.ts';

/** EC2 Auto Scaling: groups that keep their size, with lifecycle hooks. */
export function createAutoScalingModule(core: CloudCore): CloudModule {
  const store = new GroupStore(core);
  return {
    services: [
      {
        name: 'autoscaling',
        operations: autoScalingOperations(store),
        resourcesOf: (operation, input) => {
          // Describe actions have no resource-level permissions.
          if (operation.startsWith('Describe')) return [];
          const instanceId = input['InstanceId'];
          const name = input['AutoScalingGroupName'] ?? store.memberOf(String(instanceId))?.group.name;
          const group = store.list().find((candidate) => candidate.name === name);
          return group === undefined ? [] : [group.arn];
        },
      },
    ],
    providers: autoScalingProviders(core, store),
    async start() {
      for (const group of store.list()) store.reconcile(group);
    },
    async stop() {
      store.stop();
    },
  };
}
