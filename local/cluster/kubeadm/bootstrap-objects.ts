/** The objects of a new cluster: namespaces, RBAC, priority classes, cluster-info and kubeadm's own addons. */
import { stringify } from 'yaml';
import { builtinTypes } from '../apimachinery/builtin-types.ts';
import type { NewObject } from '../apimachinery/object.ts';
import { apiVersionOf } from '../apimachinery/resource-type.ts';
import type { ServiceAddresses } from '../apiserver/admission/service-addresses.ts';
import { bootstrapRoles } from '../apiserver/auth/bootstrap-roles.ts';
import type { Objects } from '../storage/objects.ts';
import type { ClusterSettings } from './config.ts';

export interface Birth {
  readonly settings: ClusterSettings;
  readonly addresses: ServiceAddresses;
  readonly endpoint: string;
  readonly caCertificatePem: string;
}

export function createFirstObjects(objects: Objects, birth: Birth): void {
  const all = [
    ...namespaces(),
    ...bootstrapRoles,
    ...priorityClasses(),
    ...configMaps(birth),
    ...services(birth),
    ...addons(),
  ];
  for (const object of all) {
    const type = builtinTypes.find((one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion)!;
    objects.create(type, object);
  }
}

function namespaces(): NewObject[] {
  const names = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
  return names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}

function priorityClasses(): NewObject[] {
  const values = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 };
  return Object.entries(values).map(([name, value]) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
  }));
}

function configMaps({ settings, endpoint, caCertificatePem }: Birth): NewObject[] {
  const encoded = Buffer.from(caCertificatePem).toString('base64');
  const cluster = { 'certificate-authority-data': encoded, server: `https://${endpoint}` };
  const kubeconfig = stringify(
    { apiVersion: 'v1', kind: 'Config', clusters: [{ name: '', cluster }] },
    { lineWidth: 0 },
  );
  const configuration = stringify({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    clusterName: settings.clusterName,
    controlPlaneEndpoint: endpoint,
    networking: { podSubnet: settings.podCidr, serviceSubnet: settings.serviceCidr },
  });
  const make = (namespace: string, name: string, data: Record<string, string>): NewObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data,
  });
  return [
    make('kube-public', 'cluster-info', { kubeconfig }),
    make('kube-system', 'kubeadm-config', { ClusterConfiguration: configuration }),
    make('kube-system', 'extension-apiserver-authentication', { 'client-ca-file': caCertificatePem }),
  ];
}

function services({ addresses }: Birth): NewObject[] {
  const dnsPorts = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kubernetes', namespace: 'default' },
      spec: { clusterIP: addresses.at(1), ports: [{ name: 'https', port: 443, targetPort: 6443 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
      spec: { clusterIP: addresses.at(10), selector: { 'k8s-app': 'kube-dns' }, ports: dnsPorts },
    },
  ];
}

const system = 'kube-system';

function addons(): NewObject[] {
  const account = (name: string): NewObject => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: system },
  });
  const workload = (kind: string, name: string, label: string, spec: object, pod: object): NewObject => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: system, labels: { 'k8s-app': label } },
    spec: {
      ...spec,
      selector: { matchLabels: { 'k8s-app': label } },
      template: { metadata: { labels: { 'k8s-app': label } }, spec: pod },
    },
  });
  return [
    account('kube-proxy'),
    account('coredns'),
    workload(
      'DaemonSet',
      'kube-proxy',
      'kube-proxy',
      {},
      {
        serviceAccountName: 'kube-proxy',
        hostNetwork: true,
        priorityClassName: 'system-node-critical',
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.36.3' }],
      },
    ),
    workload(
      'Deployment',
      'coredns',
      'kube-dns',
      { replicas: 2 },
      {
        serviceAccountName: 'coredns',
        priorityClassName: 'system-cluster-critical',
        tolerations: [
          { key: 'CriticalAddonsOnly', operator: 'Exists' },
          { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
        ],
        containers: [
          {
            name: 'coredns',
            image: 'registry.k8s.io/coredns/coredns:v1.14.1',
            resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
          },
        ],
      },
    ),
  ];
}
