/** Starts the API server, with its storage in memory. Entry of the component. */
import type { TwinTime } from '#local/contracts/context.ts';
import { parseCidr } from '../apimachinery/cidr.ts';
import type { AggregatedApi } from '../client/aggregated-api.ts';
import type { Client, RestMapper } from '../client/client.ts';
import type { PodLogs } from '../client/pod-logs.ts';
import type { RequestToken } from '../client/token-request.ts';
import type { IssuedCertificate } from '../pki/pki.ts';
import { Objects } from '../storage/objects.ts';
import { Registry } from '../storage/registry.ts';
import { Store } from '../storage/store.ts';
import { createAdmission } from './admission/admission.ts';
import { ServiceAddresses } from './admission/service-addresses.ts';
import { watchApiServices } from './api-service-availability.ts';
import { recordWrite } from './apply/managed-fields.ts';
import { createServiceAccountTokens } from './auth/service-account-tokens.ts';
import { createApiServerObjects } from './bootstrap-objects.ts';
import { serveCustomResources } from './custom-resources.ts';
import { startHttpsServer } from './https-server.ts';
import { handleRequest, type RequestHandlerOptions } from './request-handler.ts';
import { createTokenRequests } from './token-requests.ts';

export interface ApiServerOptions {
  readonly address: string;
  readonly port: number;
  /** e.g. v1.36.3 */
  readonly kubernetesVersion: string;
  readonly caCertificatePem: string;
  readonly certificate: IssuedCertificate;
  /** --service-cluster-ip-range */
  readonly serviceCidr: string;
  readonly serviceAccountIssuer: string;
  /** --service-account-jwks-uri */
  readonly jwksUri: string;
  readonly time: TwinTime;
  /** The logs that a node's kubelet keeps; undefined while the kubelet cannot be reached. */
  readonly logsOfNode: (nodeName: string) => PodLogs | undefined;
  readonly log: (message: string) => void;
}

export interface ApiServer {
  /** @param manager under which a component's writes are noted in managedFields, such as 'kubelet' */
  clientOf(manager: string): Client;
  readonly mapper: RestMapper;
  readonly requestToken: RequestToken;
  /** Serves an API group that another server answers, as an APIService object does. */
  aggregate(group: string, api: AggregatedApi): void;
  /** Nobody is answered until it listens again; what it has stored stays. */
  close(): Promise<void>;
  listen(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws the listen error, RangeError for a service CIDR that is none */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { address, port, kubernetesVersion, serviceAccountIssuer, jwksUri, time, logsOfNode, log } = options;
  const serviceCidr = parseCidr(options.serviceCidr);
  const tokens = await createServiceAccountTokens(serviceAccountIssuer, [serviceAccountIssuer]);
  const store = new Store();
  const admit = createAdmission(new ServiceAddresses(serviceCidr));
  const objects = new Objects(store, admit, time.now);
  const clientOf = (manager: string) =>
    new Objects(store, admit, time.now, (...write) => recordWrite(manager, ...write));
  const registry = new Registry();
  const requestToken = createTokenRequests(objects, tokens);
  const aggregatedApis = new Map<string, AggregatedApi>();
  const stopApiServices = watchApiServices(objects, log);
  const stopCustomResources = serveCustomResources(objects, registry);
  createApiServerObjects(clientOf('kube-apiserver'), { serviceCidr, port });
  const endpoint = `${address}:${port}`;
  const handlerOptions: RequestHandlerOptions = {
    objects,
    registry,
    tokens,
    requestToken,
    aggregatedApis,
    kubernetesVersion,
    endpoint,
    jwksUri,
    time,
    logsOfNode,
    log,
  };
  const listen = () =>
    startHttpsServer(options, (request, response) => handleRequest(handlerOptions, request, response));
  let closeServer = await listen();
  return {
    clientOf,
    mapper: registry,
    requestToken,
    aggregate: (group, api) => aggregatedApis.set(group, api),
    close: async () => {
      const close = closeServer;
      closeServer = async () => undefined;
      await close();
    },
    listen: async () => {
      closeServer = await listen();
    },
    stop: async () => {
      stopCustomResources();
      stopApiServices();
      await closeServer();
    },
  };
}
