/** What `kubeadm init` makes: keys, the API server, the objects every cluster is born with, the controllers. */
import { Admission } from './admission/admission.ts';
import { ServiceAddresses } from './admission/service-addresses.ts';
import type { PodLogs } from './api/pod-logs.ts';
import { startApiServer } from './api/server.ts';
import { createBootstrapToken } from './auth/bootstrap-tokens.ts';
import { kubeconfigFor } from './auth/kubeconfig.ts';
import { type CertificateAuthority, createCertificateAuthority } from './auth/pki.ts';
import { createServiceAccountTokens, type ServiceAccountTokens } from './auth/service-account-tokens.ts';
import { createFirstObjects } from './first-objects.ts';
import type { ClusterSettings } from './kubeadm-config.ts';
import type { ContainerMetrics } from './metrics/container-metrics.ts';
import { Objects } from './model/objects.ts';
import { Registry } from './model/registry.ts';
import { Store } from './model/store.ts';

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
