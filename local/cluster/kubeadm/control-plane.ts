/** What `kubeadm init` starts: a certificate authority, the API server, the controller manager and the scheduler. */
import type { TwinTime } from '#local/contracts/context.ts';
import { addressAt, parseCidr } from '../apimachinery/cidr.ts';
import { type ApiServer, startApiServer } from '../apiserver/apiserver.ts';
import type { Client } from '../client/client.ts';
import type { ContainerStats } from '../client/container-stats.ts';
import type { PodLogs } from '../client/pod-logs.ts';
import type { RequestToken } from '../client/token-request.ts';
import { startControllerManager } from '../controller-manager/controller-manager.ts';
import { startMetricsServer } from '../metrics-server/metrics-server.ts';
import { kubeconfigFor } from '../pki/kubeconfig.ts';
import { type CertificateAuthority, createCertificateAuthority } from '../pki/pki.ts';
import { startScheduler } from '../scheduler/scheduler.ts';
import { createBootstrapObjects } from './bootstrap-objects.ts';
import { createBootstrapToken } from './bootstrap-tokens.ts';
import type { ClusterSettings } from './config.ts';

export interface ControlPlane {
  /** kubeadm's own. */
  readonly client: Client;
  /** @param manager under which a component's writes are noted in managedFields, such as 'kubelet' */
  clientOf(manager: string): Client;
  readonly requestToken: RequestToken;
  readonly ca: CertificateAuthority;
  readonly settings: ClusterSettings;
  /** host:port of the API server. */
  readonly endpoint: string;
  /** A kubeconfig with a new client certificate. */
  kubeconfig(userName: string, organizations: readonly string[], validitySeconds?: number): Promise<string>;
  /** Its processes end; what they have stored stays. */
  powerOff(): Promise<void>;
  /** @param beforeControllers what happens once the API answers and before a controller judges by the time that has passed */
  powerOn(beforeControllers: () => void): Promise<void>;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly settings: ClusterSettings;
  readonly address: string;
  readonly nodeName: string;
  readonly time: TwinTime;
  /** The logs that a node's kubelet keeps; undefined while the kubelet cannot be reached. */
  readonly logsOfNode: (nodeName: string) => PodLogs | undefined;
  /** The stats of all kubelets, read now. */
  readonly scrapeKubelets: () => readonly ContainerStats[];
  readonly log: (message: string) => void;
}

/** Client certificates of kubeadm live for a year. */
const yearSeconds = 31_536_000;

export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { settings, address, time, log, scrapeKubelets } = options;
  const ca = await createCertificateAuthority();
  const apiServer = await startApi(options, ca);
  const { clientOf, mapper, requestToken } = apiServer;
  const client = clientOf('kubeadm');
  const endpoint = `${address}:${settings.port}`;
  createBootstrapObjects(client, { settings, endpoint, caCertificatePem: ca.certificatePem });
  for (const token of settings.bootstrapTokens) createBootstrapToken(client, token, time.now());

  const startComponents = () => {
    // metrics-server is an addon and no part of kubeadm, but the autoscaler of the controller manager reads it.
    const metrics = startMetricsServer({ client: clientOf('metrics-server'), time, scrape: scrapeKubelets });
    apiServer.aggregate('metrics.k8s.io', metrics);
    const stopControllerManager = startControllerManager({
      client: clientOf('kube-controller-manager'),
      mapper,
      metrics,
      time,
      log,
      caCertificatePem: ca.certificatePem,
      podCidr: settings.podCidr,
    });
    const stopScheduler = startScheduler({ client: clientOf('kube-scheduler'), log });
    return () => {
      stopScheduler();
      stopControllerManager();
      metrics.stop();
    };
  };
  let stopComponents = startComponents();

  return {
    client,
    clientOf,
    requestToken,
    ca,
    settings,
    endpoint,
    kubeconfig: async (userName, organizations, validitySeconds = yearSeconds) =>
      kubeconfigFor({
        clusterName: settings.clusterName,
        server: `https://${endpoint}`,
        caCertificatePem: ca.certificatePem,
        userName,
        // It ends by the twin's clock.
        credentials: await ca.issueClient(userName, organizations, validitySeconds + time.aheadSeconds),
      }),
    powerOff: async () => {
      stopComponents();
      stopComponents = () => undefined;
      await apiServer.close();
    },
    powerOn: async (beforeControllers) => {
      await apiServer.listen();
      beforeControllers();
      stopComponents = startComponents();
    },
    stop: async () => {
      stopComponents();
      await apiServer.stop();
    },
  };
}

async function startApi(options: ControlPlaneOptions, ca: CertificateAuthority): Promise<ApiServer> {
  const { settings, address, nodeName, time, logsOfNode, log } = options;
  const { serviceCidr, certificateNames } = settings;
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  const addresses = ['localhost', '127.0.0.1', address, addressAt(parseCidr(serviceCidr), 1)];
  const certificate = await ca.issueServer([...new Set([...names, nodeName, ...addresses, ...certificateNames])]);
  return startApiServer({
    address,
    port: settings.port,
    kubernetesVersion: settings.kubernetesVersion,
    serviceCidr,
    serviceAccountIssuer: settings.serviceAccountIssuer,
    jwksUri: settings.jwksUri,
    caCertificatePem: ca.certificatePem,
    certificate,
    time,
    logsOfNode,
    log,
  });
}
