/** Static pods: the control plane's components. A kubelet shows them to the API server as mirror pods. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Client } from '../client/client.ts';

/** @param images by component */
export function createMirrorPods(client: Client, nodeName: string, images: Readonly<Record<string, string>>): void {
  const { uid } = client.get(types.nodes, undefined, nodeName).metadata;
  const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid, controller: true };
  for (const [component, image] of Object.entries(images)) {
    const name = `${component}-${nodeName}`;
    if (client.find(types.pods, 'kube-system', name)) continue;
    client.create(types.pods, {
      metadata: {
        name,
        namespace: 'kube-system',
        labels: { component, tier: 'control-plane' },
        annotations: { 'kubernetes.io/config.mirror': 'static', 'kubernetes.io/config.source': 'file' },
        ownerReferences: [owner],
      },
      spec: {
        nodeName,
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        tolerations: [{ operator: 'Exists', effect: 'NoExecute' }],
        containers: [{ name: component, image, resources: { requests: { cpu: '100m' } } }],
      },
    });
  }
}
