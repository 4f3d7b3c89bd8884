/** Initializes nodes with what EC2 knows of their instances, and deletes nodes whose instance is gone. */
import type { TwinTime } from '#local/contracts/context.ts';
import { instanceIdAnnotation, instanceTypeAnnotation, zoneAnnotation } from '../apimachinery/annotations.ts';
import { types } from '../apimachinery/builtin-types.ts';
import { isConditionTrue } from '../apimachinery/conditions.ts';
import type { Node } from '../apimachinery/kinds.ts';
import { uninitializedTaint } from '../apimachinery/node-registration.ts';
import { Controller, type ControllerDependencies, keyOf, watch } from '../client/controller.ts';
import { isOwnPodReady, watchOwnPod } from './own-pod.ts';

export interface NodeControllerDependencies extends ControllerDependencies {
  readonly isInstanceRunning: (nodeName: string) => boolean;
  readonly time: Pick<TwinTime, 'milliseconds'>;
}

/** `--node-monitor-period`: a node that does not report says nothing when its instance ends, either. */
const monitorPeriodSeconds = 5;

export function startNodeController(dependencies: NodeControllerDependencies): Controller {
  const { client, log, isInstanceRunning, time } = dependencies;
  return new Controller({
    name: 'cloud-node',
    client,
    log,
    watches: [watch(types.nodes), watchOwnPod(() => client.list(types.nodes).map(keyOf))],
    reconcile: (key, controller) => {
      const { name } = key;
      const node = client.find(types.nodes, undefined, name);
      if (!node || !isOwnPodReady(client)) return;
      const isReady = isConditionTrue(node, 'Ready');
      if (!isReady && !isInstanceRunning(name)) return client.delete(types.nodes, undefined, name);
      if (!isReady) controller.enqueueAfter(key, time.milliseconds(monitorPeriodSeconds));
      if (node.spec.taints?.some(({ key }) => key === uninitializedTaint)) initialize(dependencies, node);
    },
  });
}

function initialize({ client, events }: ControllerDependencies, node: Node): void {
  const { annotations = {} } = node.metadata;
  const zone = annotations[zoneAnnotation] ?? '';
  client.update(types.nodes, undefined, node.metadata.name, ({ metadata, spec }) => {
    spec.providerID = `aws:///${zone}/${annotations[instanceIdAnnotation]}`;
    const taints = (spec.taints ?? []).filter(({ key }) => key !== uninitializedTaint);
    if (taints.length > 0) spec.taints = taints;
    else delete spec.taints;
    metadata.labels = {
      ...metadata.labels,
      'topology.kubernetes.io/zone': zone,
      'topology.kubernetes.io/region': zone.slice(0, -1),
      'node.kubernetes.io/instance-type': annotations[instanceTypeAnnotation] ?? '',
    };
  });
  events(node, 'Normal', 'Synced', 'Node synced successfully');
}
