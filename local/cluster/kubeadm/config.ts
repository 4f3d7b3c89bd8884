/** What the twin reads of kubeadm's v1beta4 documents. */
import { isRecord, type Open } from '../apimachinery/object.ts';

export interface ClusterSettings {
  readonly clusterName: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly port: number;
  readonly certificateNames: readonly string[];
  readonly serviceAccountIssuer: string;
  readonly jwksUri: string;
  readonly bootstrapTokens: readonly {
    readonly token?: string;
    readonly ttlSeconds: number;
    readonly description: string;
  }[];
}

export interface Registration {
  readonly name: string;
  readonly taints: readonly Open[];
  readonly labels: Readonly<Record<string, string>>;
  /** --cloud-provider=external: the node stays tainted until the cloud controller manager has seen it. */
  readonly externalCloud: boolean;
}

export interface JoinSettings {
  readonly endpoint: string;
  readonly token: string;
  readonly caCertHashes: readonly string[];
  readonly unsafeSkipCaVerification: boolean;
}

export function readClusterSettings(cluster: Open, init: Open, address: string): ClusterSettings {
  requireVersion(cluster, 'ClusterConfiguration');
  requireVersion(init, 'InitConfiguration');
  const issuer = argument(cluster.apiServer?.extraArgs, 'service-account-issuer');
  const port = init.localAPIEndpoint?.bindPort ?? 6443;
  return {
    clusterName: cluster.clusterName ?? 'kubernetes',
    podCidr: cluster.networking?.podSubnet ?? '10.244.0.0/16',
    serviceCidr: cluster.networking?.serviceSubnet ?? '10.96.0.0/12',
    port,
    certificateNames: cluster.apiServer?.certSANs ?? [],
    serviceAccountIssuer: issuer ?? 'https://kubernetes.default.svc.cluster.local',
    jwksUri:
      argument(cluster.apiServer?.extraArgs, 'service-account-jwks-uri') ?? `https://${address}:${port}/openid/v1/jwks`,
    bootstrapTokens: (init.bootstrapTokens ?? []).map((token: Open) => ({
      ...(token.token && { token: token.token }),
      ttlSeconds: durationSeconds(token.ttl ?? '24h'),
      description: token.description ?? '',
    })),
  };
}

export function readRegistration(document: Open, defaultName: string): Registration {
  const { name, taints, kubeletExtraArgs } = document.nodeRegistration ?? {};
  const labels = (argument(kubeletExtraArgs, 'node-labels') ?? '').split(',').filter(Boolean);
  return {
    name: name ?? defaultName,
    taints: taints ?? (document.kind === 'InitConfiguration' ? [controlPlaneTaint] : []),
    labels: Object.fromEntries(labels.map((label) => label.split('=') as [string, string])),
    externalCloud: argument(kubeletExtraArgs, 'cloud-provider') === 'external',
  };
}

const controlPlaneTaint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

export function readJoinSettings(join: Open): JoinSettings {
  requireVersion(join, 'JoinConfiguration');
  const { apiServerEndpoint, token, caCertHashes, unsafeSkipCAVerification } = join.discovery?.bootstrapToken ?? {};
  if (!apiServerEndpoint) throw new Error('discovery.bootstrapToken.apiServerEndpoint: Required value');
  if (!/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token ?? '')) {
    throw new Error('discovery.bootstrapToken.token: Invalid value: "": the bootstrap token is invalid');
  }
  return {
    endpoint: apiServerEndpoint,
    token,
    caCertHashes: caCertHashes ?? [],
    unsafeSkipCaVerification: unsafeSkipCAVerification === true,
  };
}

function requireVersion(document: Open, kind: string): void {
  if (!isRecord(document)) throw new Error(`no kind ${kind} in the kubeadm configuration`);
  const { apiVersion } = document;
  if (apiVersion !== 'kubeadm.k8s.io/v1beta4') {
    throw new Error(`this version of kubeadm only supports kubeadm.k8s.io/v1beta4, found ${apiVersion} in ${kind}`);
  }
}

/** v1beta4: a list of {name, value}. */
function argument(list: readonly Open[] | undefined, name: string): string | undefined {
  return list?.find((item) => item.name === name)?.value;
}

/** '24h', '1m0s', '0s' */
function durationSeconds(text: string): number {
  const unit: Record<string, number> = { h: 3600, m: 60, s: 1 };
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)([hms])/g)];
  if (parts.length === 0 && text !== '0') throw new Error(`"${text}" is not a duration such as 24h or 1m0s`);
  return parts.reduce((sum, [, value, letter]) => sum + Number(value) * unit[letter!]!, 0);
}
