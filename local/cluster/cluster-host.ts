/** kubeadm's and systemd's effects: one cluster, its nodes, and what the page shows of them. */
import type { ClusterHost, ClusterHostOptions, NodeIdentity } from '../contracts/cluster.ts';
import { types } from './apimachinery/builtin-types.ts';
import { createBootstrapToken } from './apiserver/auth/bootstrap-tokens.ts';
import { createLoadBalancers } from './cloud-controller-manager/load-balancers.ts';
import { startControllers } from './controller-manager/start-controllers.ts';
import { createServiceProxies } from './kube-proxy/service-proxies.ts';
import { type Registration, readClusterSettings, readJoinSettings, readRegistration } from './kubeadm/config.ts';
import { type ControlPlane, createControlPlane } from './kubeadm/control-plane.ts';
import { checkJoin } from './kubeadm/join.ts';
import { type Kubelet, startKubelet } from './kubelet/kubelet.ts';
import { ContainerLogs } from './kubelet/logs.ts';
import { registerNode } from './kubelet/register-node.ts';
import { ContainerMetrics } from './metrics-server/container-metrics.ts';
import { viewOf } from './view.ts';

interface Node {
  readonly identity: NodeIdentity;
  readonly role: 'control-plane' | 'worker';
  readonly registration: Registration;
  /** Its place in the network: pods of node 2 have addresses of their own range. */
  readonly index: number;
  kubelet?: Kubelet;
}

/** What view() is made of. */
const shown: ReadonlySet<string> = new Set([types.nodes.storage, types.pods.storage]);

export function createClusterHost(options: ClusterHostOptions): ClusterHost {
  const { context } = options;
  const log = (message: string) => context.log('cluster', message);
  const logs = new ContainerLogs();
  const metrics = new ContainerMetrics(context);
  const balancers = createLoadBalancers(context);
  const services = createServiceProxies(context);
  const nodes = new Map<string, Node>();
  let nextIndex = 0;
  let controlPlane: ControlPlane | undefined;
  let stopControllers: (() => void) | undefined;
  let controlPlaneInstance: string | undefined;

  const running = (): ControlPlane => {
    if (controlPlane === undefined) throw new Error('no control plane: kubeadm init has not run');
    return controlPlane;
  };

  const admit = (identity: NodeIdentity, role: Node['role'], document: object): Node => {
    const known = nodes.get(identity.instanceId);
    if (known) return known;
    const node: Node = {
      identity,
      role,
      registration: readRegistration(document, identity.nodeName),
      index: nextIndex,
    };
    nextIndex += 1;
    nodes.set(identity.instanceId, node);
    return node;
  };

  const start = async (node: Node): Promise<void> => {
    if (node.kubelet) return node.kubelet.resume();
    const { objects, tokens, settings, endpoint } = running();
    registerNode(objects, node, settings.podCidr);
    node.kubelet = startKubelet({
      ...options,
      objects,
      tokens,
      logs,
      metrics,
      services,
      node: node.identity,
      nodeName: node.registration.name,
      nodeIndex: node.index,
      role: node.role,
      apiEndpoint: endpoint,
    });
  };

  const kill = async (node: Node): Promise<void> => {
    const { kubelet } = node;
    delete node.kubelet;
    await kubelet?.kill();
  };

  const host: ClusterHost = {
    init: async (identity, { cluster, init }) => {
      if (controlPlane === undefined) {
        const settings = readClusterSettings(cluster, init, identity.privateIp);
        const nodeName = readRegistration(init, identity.nodeName).name;
        controlPlane = await createControlPlane({
          settings,
          address: identity.privateIp,
          nodeName,
          logs,
          metrics,
          log,
        });
        controlPlane.objects.store.subscribe(({ storage }) => shown.has(storage) && context.changed());
        stopControllers = startControllers({
          ...controlPlane,
          context,
          balancers,
          services,
          metrics,
          isInstanceRunning: (name) => [...nodes.values()].some((node) => node.registration.name === name),
        });
        controlPlaneInstance = identity.instanceId;
      }
      await start(admit(identity, 'control-plane', init));
      const adminKubeconfig = await controlPlane.kubeconfig('kubernetes-admin', ['kubeadm:cluster-admins']);
      return { adminKubeconfig, caCertificatePem: controlPlane.ca.certificatePem };
    },
    join: async (identity, { join }) => {
      const target = checkJoin(controlPlane, readJoinSettings(join));
      const node = admit(identity, 'worker', join);
      const kubeletKubeconfig = await target.kubeconfig(`system:node:${node.registration.name}`, ['system:nodes']);
      await start(node);
      return { kubeletKubeconfig };
    },
    createToken: async (ttlSeconds, description) =>
      createBootstrapToken(running().objects, { ttlSeconds, description }),
    issueKubeconfig: async ({ clientName, organizations, validitySeconds }) =>
      running().kubeconfig(clientName, organizations, validitySeconds),
    caCertificateHash: async () => running().ca.publicKeyHash,
    startKubelet: async (instanceId) => {
      const node = nodes.get(instanceId);
      // On a host that kubeadm has not prepared, the kubelet waits for its configuration.
      if (node === undefined) return log(`kubelet of ${instanceId} waits for kubeadm`);
      await start(node);
    },
    stopKubelet: async (instanceId) => {
      nodes.get(instanceId)?.kubelet?.pause();
    },
    removeInstance: async (instanceId) => {
      const node = nodes.get(instanceId);
      nodes.delete(instanceId);
      if (node) await kill(node);
      if (instanceId !== controlPlaneInstance) return;
      controlPlaneInstance = undefined;
      stopControllers?.();
      await Promise.all([balancers.stop(), services.stop()]);
      await controlPlane?.closeServer();
      controlPlane = undefined;
    },
    resolveLoadBalancer: (port) => balancers.resolve(port),
    resolveService: (namespace, name, port) =>
      controlPlane?.objects.find(types.services, namespace, name) && services.locate(namespace, name, port),
    view: () => viewOf(controlPlane?.objects, [...nodes.values()]),
    stop: async () => {
      metrics.stop();
      stopControllers?.();
      await Promise.all([...nodes.values()].map(kill));
      nodes.clear();
      await Promise.all([balancers.stop(), services.stop()]);
      await controlPlane?.closeServer();
      controlPlane = undefined;
    },
  };
  return host;
}
