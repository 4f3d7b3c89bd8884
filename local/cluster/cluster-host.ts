/** What kubeadm and systemd do to the cluster: creates it, joins and removes nodes, starts and stops kubelets. */
import type { ClusterHost, ClusterHostOptions, NodeIdentity } from '../contracts/cluster.ts';
import { types } from './apimachinery/builtin-types.ts';
import type { NodeRegistration } from './apimachinery/node-registration.ts';
import {
  type CloudControllerManager,
  startCloudControllerManager,
} from './cloud-controller-manager/cloud-controller-manager.ts';
import { type KubeProxy, startKubeProxy } from './kube-proxy/kube-proxy.ts';
import { createBootstrapToken, listBootstrapTokens } from './kubeadm/bootstrap-tokens.ts';
import { readClusterSettings, readJoinSettings, readRegistration } from './kubeadm/config.ts';
import { type ControlPlane, startControlPlane } from './kubeadm/control-plane.ts';
import { kubeadmImages } from './kubeadm/images.ts';
import { checkJoin } from './kubeadm/join.ts';
import { type Kubelet, startKubelet } from './kubelet/kubelet.ts';
import { clusterView } from './view.ts';

/** An instance that kubeadm has made a node. */
interface HostedNode {
  readonly identity: NodeIdentity;
  readonly isControlPlane: boolean;
  readonly registration: NodeRegistration;
  readonly index: number;
  /** Until the kubelet starts for the first time. */
  kubelet?: Kubelet;
}

/** The cluster while its control plane's instance runs. */
interface RunningCluster {
  readonly controlPlane: ControlPlane;
  readonly instanceId: string;
  readonly kubeProxy: KubeProxy;
  readonly cloudControllerManager: CloudControllerManager;
}

export function createClusterHost(options: ClusterHostOptions): ClusterHost {
  const { context } = options;
  const log = (message: string): void => context.log('cluster', message);
  const nodes = new Map<string, HostedNode>();
  const nodeNamed = (name: string): HostedNode | undefined =>
    [...nodes.values()].find(({ registration }) => registration.name === name);
  /** By systemctl, until they are started again. */
  const stoppedKubelets = new Set<string>();
  let nextIndex = 0;
  /** The control plane's instance has no power. */
  let isOff = false;
  let running: RunningCluster | undefined;

  const isNodeUp = (name: string): boolean => {
    const node = nodeNamed(name);
    return node !== undefined && !(node.isControlPlane && isOff);
  };

  const requireCluster = (): RunningCluster => {
    if (running === undefined) throw new Error('no control plane: kubeadm init has not run');
    return running;
  };

  const createCluster = async (
    identity: NodeIdentity,
    { cluster, init, kubelet = {} }: { readonly cluster: object; readonly init: object; readonly kubelet?: object },
  ): Promise<RunningCluster> => {
    const { privateIp: address, software } = identity;
    const settings = readClusterSettings(cluster, init, {
      address,
      kubernetesVersion: software.kubeletVersion,
      kubelet,
    });
    const controlPlane = await startControlPlane({
      settings,
      address,
      nodeName: readRegistration(init, identity.nodeName).name,
      time: context.time,
      logsOfNode: (nodeName) => nodeNamed(nodeName)?.kubelet?.logs,
      scrapeKubelets: () => [...nodes.values()].flatMap(({ kubelet }) => kubelet?.stats() ?? []),
      log,
    });
    const client = controlPlane.clientOf('aws-cloud-controller-manager');
    // What view() shows.
    client.watch(types.nodes, () => context.changed());
    client.watch(types.pods, () => context.changed());
    return {
      controlPlane,
      instanceId: identity.instanceId,
      kubeProxy: startKubeProxy({ client, network: context.network, log, isNodeUp }),
      cloudControllerManager: startCloudControllerManager({
        client,
        context,
        log,
        isInstanceRunning: (nodeName) => nodeNamed(nodeName) !== undefined,
      }),
    };
  };

  const stopCluster = async ({ controlPlane, kubeProxy, cloudControllerManager }: RunningCluster): Promise<void> => {
    running = undefined;
    await Promise.all([kubeProxy.stop(), cloudControllerManager.stop(), controlPlane.stop()]);
  };

  const addNode = (identity: NodeIdentity, document: object, isControlPlane: boolean): HostedNode => {
    const known = nodes.get(identity.instanceId);
    if (known) return known;
    const registration = readRegistration(document, identity.nodeName);
    const node: HostedNode = { identity, isControlPlane, registration, index: nextIndex };
    nextIndex += 1;
    nodes.set(identity.instanceId, node);
    return node;
  };

  const startNode = (node: HostedNode, { controlPlane, kubeProxy }: RunningCluster): void => {
    if (node.kubelet) {
      node.kubelet.resume();
      return;
    }
    const { requestToken, endpoint, settings } = controlPlane;
    const { identity, isControlPlane, registration, index } = node;
    node.kubelet = startKubelet({
      ...options,
      client: controlPlane.clientOf('kubelet'),
      requestToken,
      registration,
      isControlPlane,
      locateService: kubeProxy.locate,
      locateExternal: kubeProxy.locateExternal,
      node: identity,
      nodeIndex: index,
      staticPods: isControlPlane ? kubeadmImages(settings.kubernetesVersion).staticPods : {},
      apiEndpoint: endpoint,
    });
  };

  const killNode = async (node: HostedNode): Promise<void> => {
    const { kubelet } = node;
    delete node.kubelet;
    await kubelet?.kill();
  };

  return {
    init: async (identity, config) => {
      running ??= await createCluster(identity, config);
      startNode(addNode(identity, config.init, true), running);
      const { controlPlane } = running;
      const adminKubeconfig = await controlPlane.kubeconfig('kubernetes-admin', ['kubeadm:cluster-admins']);
      return { adminKubeconfig, caCertificatePem: controlPlane.ca.certificatePem };
    },
    join: async (identity, { join }) => {
      const controlPlane = checkJoin(running?.controlPlane, readJoinSettings(join), context.time.now());
      const node = addNode(identity, join, false);
      const userName = `system:node:${node.registration.name}`;
      const kubeletKubeconfig = await controlPlane.kubeconfig(userName, ['system:nodes']);
      startNode(node, requireCluster());
      return { kubeletKubeconfig, kubelet: controlPlane.settings.kubelet };
    },
    createToken: async (ttlSeconds, description) =>
      createBootstrapToken(requireCluster().controlPlane.client, { ttlSeconds, description }, context.time.now()),
    listTokens: async () => listBootstrapTokens(requireCluster().controlPlane.client, context.time.now()),
    issueKubeconfig: async ({ clientName, organizations, validitySeconds }) =>
      requireCluster().controlPlane.kubeconfig(clientName, organizations, validitySeconds),
    caCertificateHash: async () => requireCluster().controlPlane.ca.publicKeyHash,
    startKubelet: async (instanceId) => {
      stoppedKubelets.delete(instanceId);
      const node = nodes.get(instanceId);
      if (node) startNode(node, requireCluster());
      else log(`the kubelet of ${instanceId} waits for kubeadm to write its configuration`);
    },
    stopKubelet: async (instanceId) => {
      stoppedKubelets.add(instanceId);
      nodes.get(instanceId)?.kubelet?.pause();
    },
    powerOff: async (instanceId) => {
      if (running === undefined || running.instanceId !== instanceId || isOff) return;
      isOff = true;
      // Their kubelets reach nobody: containers go on, and nothing is reported or changed.
      for (const { kubelet } of nodes.values()) kubelet?.pause();
      await running.controlPlane.powerOff();
    },
    powerOn: async (instanceId) => {
      if (running === undefined || running.instanceId !== instanceId || !isOff) return;
      isOff = false;
      await running.controlPlane.powerOn(() => {
        for (const [id, { kubelet }] of nodes) if (!stoppedKubelets.has(id)) kubelet?.resume();
      });
    },
    removeInstance: async (instanceId) => {
      const node = nodes.get(instanceId);
      nodes.delete(instanceId);
      stoppedKubelets.delete(instanceId);
      if (node) await killNode(node);
      if (running?.instanceId !== instanceId) return;
      await stopCluster(running);
      isOff = false;
    },
    resolveLoadBalancer: (port) => running?.cloudControllerManager.resolveLoadBalancer(port),
    resolveService: (namespace, name, port) => {
      const service = running?.controlPlane.client.find(types.services, namespace, name);
      return service && running?.kubeProxy.locate(namespace, name, port);
    },
    view: () => {
      if (running === undefined) return { nodes: [], pods: [] };
      return clusterView(running.controlPlane.client, (name) => nodeNamed(name)?.identity.instanceId);
    },
    stop: async () => {
      // Controllers first, so that they do not replace the pods that end.
      const stopped = running && stopCluster(running);
      await Promise.all([...nodes.values()].map(killNode));
      nodes.clear();
      await stopped;
    },
  };
}
