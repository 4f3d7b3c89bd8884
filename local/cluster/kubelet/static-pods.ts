/** The control plane's own components, as the mirror pods that a kubelet shows of its static pods. */

import { types } from '../apimachinery/builtin-types.ts';
import { kubernetesVersion } from '../apiserver/non-resource-endpoints.ts';
import type { Objects } from '../storage/objects.ts';

const images = {
  etcd: 'registry.k8s.io/etcd:3.6.8-0',
  'kube-apiserver': `registry.k8s.io/kube-apiserver:${kubernetesVersion}`,
  'kube-controller-manager': `registry.k8s.io/kube-controller-manager:${kubernetesVersion}`,
  'kube-scheduler': `registry.k8s.io/kube-scheduler:${kubernetesVersion}`,
};

export function createStaticPods(objects: Objects, nodeName: string): void {
  const node = objects.get(types.nodes, undefined, nodeName);
  const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid, controller: true };
  for (const [component, image] of Object.entries(images)) {
    const name = `${component}-${nodeName}`;
    if (objects.find(types.pods, 'kube-system', name)) continue;
    objects.create(types.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
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
