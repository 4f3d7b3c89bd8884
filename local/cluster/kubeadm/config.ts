/** What the twin reads of kubeadm's v1beta4 configuration documents. */

import { isBootstrapToken } from '../apimachinery/bootstrap-token.ts';
import { nodePrefixLength, parseCidr } from '../apimachinery/cidr.ts';
import { isJsonObject, listAt, numberAt, stringAt, valueAt } from '../apimachinery/json.ts';
import type { Taint } from '../apimachinery/kinds.ts';
import type { NodeRegistration } from '../apimachinery/node-registration.ts';

export interface ClusterSettings {
  readonly clusterName: string;
  /** e.g. v1.36.3 */
  readonly kubernetesVersion: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly port: number;
  /** Further names and addresses of the API server. */
  readonly certificateNames: readonly string[];
  readonly serviceAccountIssuer: string;
  readonly jwksUri: string;
  readonly bootstrapTokens: readonly BootstrapTokenSettings[];
  /** The KubeletConfiguration for every node. */
  readonly kubelet: object;
}

export interface BootstrapTokenSettings {
  /** undefined: a random one. */
  readonly token?: string;
  readonly ttlSeconds: number;
  readonly description: string;
}

export interface JoinSettings {
  /** host:port of the API server. */
  readonly endpoint: string;
  readonly token: string;
  readonly caCertHashes: readonly string[];
  readonly unsafeSkipCaVerification: boolean;
}

export interface InitDefaults {
  readonly address: string;
  /** kubeadm's own version, e.g. v1.36.3. */
  readonly kubernetesVersion: string;
  readonly kubelet: object;
}

/** @throws Error naming the field that kubeadm refuses */
export function readClusterSettings(cluster: object, init: object, defaults: InitDefaults): ClusterSettings {
  requireVersion(cluster, 'ClusterConfiguration');
  requireVersion(init, 'InitConfiguration');
  const port = numberAt(init, 'localAPIEndpoint', 'bindPort') ?? 6443;
  const apiServerArguments = listAt(cluster, 'apiServer', 'extraArgs');
  return {
    clusterName: stringAt(cluster, 'clusterName') ?? 'kubernetes',
    kubernetesVersion: stringAt(cluster, 'kubernetesVersion') ?? defaults.kubernetesVersion,
    podCidr: readPodCidr(stringAt(cluster, 'networking', 'podSubnet') ?? '10.244.0.0/16'),
    serviceCidr: stringAt(cluster, 'networking', 'serviceSubnet') ?? '10.96.0.0/12',
    port,
    certificateNames: listAt(cluster, 'apiServer', 'certSANs').map(String),
    serviceAccountIssuer:
      argumentValue(apiServerArguments, 'service-account-issuer') ?? 'https://kubernetes.default.svc.cluster.local',
    jwksUri:
      argumentValue(apiServerArguments, 'service-account-jwks-uri') ??
      `https://${defaults.address}:${port}/openid/v1/jwks`,
    bootstrapTokens: listAt(init, 'bootstrapTokens').map(readBootstrapToken),
    kubelet: defaults.kubelet,
  };
}

function readPodCidr(podCidr: string): string {
  const { prefixLength } = parseCidr(podCidr);
  if (prefixLength <= nodePrefixLength) return podCidr;
  throw new Error(
    `networking.podSubnet: Invalid value: "${podCidr}": the size of pod subnet with mask ${prefixLength} is smaller than the size of node subnet with mask ${nodePrefixLength}`,
  );
}

function readBootstrapToken(document: unknown): BootstrapTokenSettings {
  const token = stringAt(document, 'token');
  return {
    ...(token && { token }),
    ttlSeconds: durationSeconds(stringAt(document, 'ttl') ?? '24h'),
    description: stringAt(document, 'description') ?? '',
  };
}

const controlPlaneTaint: Taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

/** nodeRegistration of an InitConfiguration or JoinConfiguration. */
export function readRegistration(document: object, defaultName: string): NodeRegistration {
  const taints = valueAt(document, 'nodeRegistration', 'taints');
  const kubeletArguments = listAt(document, 'nodeRegistration', 'kubeletExtraArgs');
  const labels = (argumentValue(kubeletArguments, 'node-labels') ?? '').split(',').filter(Boolean);
  const defaultTaints = stringAt(document, 'kind') === 'InitConfiguration' ? [controlPlaneTaint] : [];
  return {
    name: stringAt(document, 'nodeRegistration', 'name') ?? defaultName,
    taints: Array.isArray(taints) ? taints.map(readTaint) : defaultTaints,
    labels: Object.fromEntries(labels.map((label) => label.split('=', 2))),
    hasExternalCloudProvider: argumentValue(kubeletArguments, 'cloud-provider') === 'external',
  };
}

function readTaint(taint: unknown): Taint {
  const value = stringAt(taint, 'value');
  return { key: stringAt(taint, 'key') ?? '', effect: stringAt(taint, 'effect') ?? '', ...(value && { value }) };
}

/** @throws Error naming the field that kubeadm refuses */
export function readJoinSettings(join: object): JoinSettings {
  requireVersion(join, 'JoinConfiguration');
  const bootstrapToken = valueAt(join, 'discovery', 'bootstrapToken');
  const endpoint = stringAt(bootstrapToken, 'apiServerEndpoint');
  const token = stringAt(bootstrapToken, 'token');
  if (!endpoint) throw new Error('discovery.bootstrapToken.apiServerEndpoint: Required value');
  if (!token || !isBootstrapToken(token)) {
    throw new Error('discovery.bootstrapToken.token: Invalid value: "": the bootstrap token is invalid');
  }
  return {
    endpoint,
    token,
    caCertHashes: listAt(bootstrapToken, 'caCertHashes').map(String),
    unsafeSkipCaVerification: valueAt(bootstrapToken, 'unsafeSkipCAVerification') === true,
  };
}

const supportedVersion = 'kubeadm.k8s.io/v1beta4';

function requireVersion(document: unknown, kind: string): void {
  if (!isJsonObject(document)) throw new Error(`no kind ${kind} in the kubeadm configuration`);
  const { apiVersion } = document;
  if (apiVersion === supportedVersion) return;
  throw new Error(`this version of kubeadm only supports ${supportedVersion}, found ${apiVersion} in ${kind}`);
}

/** v1beta4 writes arguments as a list of {name, value}. */
function argumentValue(list: readonly unknown[], name: string): string | undefined {
  return stringAt(
    list.find((item) => stringAt(item, 'name') === name),
    'value',
  );
}

/** Seconds of a Go duration such as '24h', '1m0s' or '0s'. */
function durationSeconds(text: string): number {
  const unitSeconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([hms])/g)];
  if (parts.length === 0 && text !== '0') throw new Error(`"${text}" is not a duration such as 24h or 1m0s`);
  return parts.reduce((sum, [, value, unit]) => sum + Number(value) * unitSeconds[unit!]!, 0);
}
