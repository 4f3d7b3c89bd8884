/** What `kubeadm init` creates in a new cluster: its configuration, roles for joining nodes, and its addons. */
import { stringify } from 'yaml';
import { nodeBootstrapGroup } from '../apimachinery/bootstrap-token.ts';
import { types } from '../apimachinery/builtin-types.ts';
import { addressAt, parseCidr } from '../apimachinery/cidr.ts';
import { clusterRole, clusterRoleBinding, policyRule } from '../apimachinery/rbac-objects.ts';
import type { Client } from '../client/client.ts';
import type { ClusterSettings } from './config.ts';
import { kubeadmImages } from './images.ts';

export interface BootstrapOptions {
  readonly settings: ClusterSettings;
  /** host:port of the API server. */
  readonly endpoint: string;
  readonly caCertificatePem: string;
}

export function createBootstrapObjects(client: Client, options: BootstrapOptions): void {
  createConfigMaps(client, options);
  createRoles(client);
  createKubeProxy(client, options.settings);
  createCoreDns(client, options.settings);
}

function createConfigMaps(client: Client, { settings, endpoint, caCertificatePem }: BootstrapOptions): void {
  const caData = Buffer.from(caCertificatePem).toString('base64');
  const cluster = { 'certificate-authority-data': caData, server: `https://${endpoint}` };
  const kubeconfig = { apiVersion: 'v1', kind: 'Config', clusters: [{ name: '', cluster }] };
  const configuration = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    clusterName: settings.clusterName,
    kubernetesVersion: settings.kubernetesVersion,
    controlPlaneEndpoint: endpoint,
    networking: { podSubnet: settings.podCidr, serviceSubnet: settings.serviceCidr },
  };
  const create = (namespace: string, name: string, data: Record<string, string>): void => {
    client.create(types.configMaps, { metadata: { name, namespace }, data });
  };
  create('kube-public', 'cluster-info', { kubeconfig: stringify(kubeconfig, { lineWidth: 0 }) });
  create('kube-system', 'kubeadm-config', { ClusterConfiguration: stringify(configuration) });
  create('kube-system', 'kubelet-config', { kubelet: stringify(settings.kubelet) });
  create('kube-system', 'extension-apiserver-authentication', { 'client-ca-file': caCertificatePem });
}

const rbacGroup = 'rbac.authorization.k8s.io';

/** Administrators, and what a node may do with a bootstrap token or, for cluster-info, without any credentials. */
function createRoles(client: Client): void {
  client.create(types.clusterRoles, clusterRole('kubeadm:get-nodes', [policyRule('', ['nodes'], ['get'])]));
  for (const binding of [
    clusterRoleBinding('kubeadm:cluster-admins', 'cluster-admin', ['kubeadm:cluster-admins']),
    clusterRoleBinding('kubeadm:get-nodes', 'kubeadm:get-nodes', [nodeBootstrapGroup]),
    clusterRoleBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', [nodeBootstrapGroup]),
  ]) {
    client.create(types.clusterRoleBindings, binding);
  }
  const name = 'kubeadm:bootstrap-signer-clusterinfo';
  const metadata = { name, namespace: 'kube-public' };
  const readClusterInfo = { ...policyRule('', ['configmaps'], ['get']), resourceNames: ['cluster-info'] };
  client.create(types.roles, { metadata, rules: [readClusterInfo] });
  client.create(types.roleBindings, {
    metadata,
    roleRef: { apiGroup: rbacGroup, kind: 'Role', name },
    subjects: [{ apiGroup: rbacGroup, kind: 'User', name: 'system:anonymous' }],
  });
}

const namespace = 'kube-system';

function createKubeProxy(client: Client, { kubernetesVersion }: ClusterSettings): void {
  const name = 'kube-proxy';
  const labels = { 'k8s-app': name };
  client.create(types.serviceAccounts, { metadata: { name, namespace } });
  client.create(types.daemonSets, {
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          tolerations: [{ operator: 'Exists' }],
          containers: [{ name, image: kubeadmImages(kubernetesVersion).kubeProxy }],
        },
      },
    },
  });
}

function createCoreDns(client: Client, { kubernetesVersion, serviceCidr }: ClusterSettings): void {
  const name = 'coredns';
  const labels = { 'k8s-app': 'kube-dns' };
  client.create(types.serviceAccounts, { metadata: { name, namespace } });
  client.create(types.services, {
    metadata: { name: 'kube-dns', namespace, labels },
    spec: {
      clusterIP: addressAt(parseCidr(serviceCidr), 10),
      selector: labels,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
  });
  client.create(types.deployments, {
    metadata: { name, namespace, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          priorityClassName: 'system-cluster-critical',
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
          ],
          containers: [
            {
              name,
              image: kubeadmImages(kubernetesVersion).coreDns,
              resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
            },
          ],
        },
      },
    },
  });
}
