/** What `kubeadm init` makes: keys, the API server, the objects every cluster is born with, the controllers. */
import { Admission } from '../apiserver/admission/admission.ts';
import { ServiceAddresses } from '../apiserver/admission/service-addresses.ts';
import { createBootstrapToken } from '../apiserver/auth/bootstrap-tokens.ts';
import { createServiceAccountTokens, type ServiceAccountTokens } from '../apiserver/auth/service-account-tokens.ts';
import type { PodLogs } from '../apiserver/pod-logs.ts';
import { startApiServer } from '../apiserver/server.ts';
import type { ContainerMetrics } from '../metrics-server/container-metrics.ts';
import { kubeconfigFor } from '../pki/kubeconfig.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../pki/pki.ts';
import { Objects } from '../storage/objects.ts';
import { Registry } from '../storage/registry.ts';
import { Store } from '../storage/store.ts';
import { createFirstObjects } from './bootstrap-objects.ts';
import type { ClusterSettings } from './config.ts';

export interface ControlPlane {
  readonly objects: Objects;
  readonly registry: Registry;
  readonly tokens: ServiceAccountTokens;
  readonly ca: CertificateAuthority;
  readonly settings: ClusterSettings;
  /** host:port of the API server. */
  readonly endpoint: string;
  /** A kubeconfig with a fresh client certificate. */
  kubeconfig(userName: string, organizations: readonly string[], validitySeconds?: number): Promise<string>;
  closeServer(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly settings: ClusterSettings;
  readonly address: string;
  readonly nodeName: string;
  readonly logs: PodLogs;
  readonly metrics: ContainerMetrics;
  readonly log: (message: string) => void;
}

export async function createControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { settings, address, nodeName } = options;
  const apiAudience = settings.serviceAccountIssuer;
  const [ca, tokens] = await Promise.all([
    createCertificateAuthority(),
    createServiceAccountTokens(settings.serviceAccountIssuer, [apiAudience]),
  ]);
  const addresses = new ServiceAddresses(settings.serviceCidr);
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  const hosts = new Set([...names, nodeName, 'localhost', address, '127.0.0.1', addresses.at(1)]);
  for (const name of settings.certificateNames) hosts.add(name);
  const certificate = await ca.issueServer([...hosts]);
  const store = new Store();
  const registry = new Registry();
  const objects = new Objects(store, new Admission(store, addresses));
  const server = await startApiServer({
    objects,
    registry,
    tokens,
    logs: options.logs,
    metrics: options.metrics,
    address,
    port: settings.port,
    caCertificatePem: ca.certificatePem,
    certificate,
    jwksUri: settings.jwksUri,
    log: options.log,
  });
  const endpoint = `${address}:${settings.port}`;
  createFirstObjects(objects, { settings, addresses, endpoint, caCertificatePem: ca.certificatePem });
  for (const token of settings.bootstrapTokens) createBootstrapToken(objects, token);
  return {
    objects,
    registry,
    tokens,
    ca,
    settings,
    endpoint,
    kubeconfig: async (userName, organizations, validitySeconds) =>
      kubeconfigFor({
        clusterName: settings.clusterName,
        server: `https://${endpoint}`,
        caCertificatePem: ca.certificatePem,
        userName,
        credentials: await ca.issueClient(userName, organizations, validitySeconds),
      }),
    closeServer: () => server.close(),
  };
}
