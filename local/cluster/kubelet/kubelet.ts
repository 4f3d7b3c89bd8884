/** The kubelet of one node: runs the pods placed on it and keeps the node's own status. */

import { types } from '../apimachinery/builtin-types.ts';
import { conditionOf, isPodFinished, type KubeObject, setCondition } from '../apimachinery/object.ts';
import { createEventRecorder } from '../client/event-recorder.ts';
import { heartbeatMilliseconds } from '../controller-manager/node-lifecycle.ts';
import type { KubeletOptions, KubeletParts, PodAddresses } from './kubelet-dependencies.ts';
import { watchNetwork } from './network-ready.ts';
import { PodRunner } from './pod-runner.ts';
import { networkMissing, networkReady } from './register-node.ts';
import { createStaticPods } from './static-pods.ts';

export interface Kubelet {
  /** systemctl stop: containers go on, nobody looks after them. */
  pause(): void;
  resume(): void;
  /** The instance is gone. */
  kill(): Promise<void>;
}

export function startKubelet(options: KubeletOptions): Kubelet {
  const { objects, nodeName, context, logs } = options;
  const network = watchNetwork(objects, nodeName);
  const parts: KubeletParts = {
    ...options,
    events: createEventRecorder(objects),
    addresses: podAddresses(options),
    networkReady: network.ready,
  };
  const runners = new Map<string, PodRunner>();
  const ending = new Set<Promise<void>>();
  let paused = false;
  let stopped = false;

  const sync = (pod: KubeObject): void => {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    let runner = runners.get(uid);
    if (!runner) {
      if (isPodFinished(pod)) return;
      runner = new PodRunner(parts, pod);
      runners.set(uid, runner);
      if (!deletionTimestamp) runner.start();
    }
    if (deletionTimestamp) runner.terminate(deletionGracePeriodSeconds ?? 30);
  };
  const forget = ({ metadata: { uid } }: KubeObject): void => {
    const runner = runners.get(uid);
    runners.delete(uid);
    logs.forget(uid);
    if (!runner) return;
    const killed = runner.kill().finally(() => ending.delete(killed));
    ending.add(killed);
  };
  const isMine = (pod: KubeObject): boolean => pod.spec.nodeName === nodeName;
  const syncAll = (): void => {
    const pods = objects.list(types.pods).filter(isMine);
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const uid of runners.keys()) if (!uids.has(uid)) forget({ metadata: { uid } } as KubeObject);
    for (const pod of pods) sync(pod);
  };
  const unsubscribe = objects.store.subscribe(({ storage, type, object }) => {
    if (paused || stopped || storage !== types.pods.storage || !isMine(object)) return;
    // After the writer is done: a kubelet hears of changes, it is not called by them.
    setImmediate(() => {
      if (paused || stopped) return;
      const current = objects.find(types.pods, object.metadata.namespace, object.metadata.name);
      if (type === 'DELETED') forget(object);
      else if (current?.metadata.uid === object.metadata.uid) sync(current);
    });
  });
  const beat = (): void => {
    if (paused) return;
    renewLease(options);
    const ready = network.isReady() ? networkReady : networkMissing;
    const node = objects.find(types.nodes, undefined, nodeName);
    const condition = node && conditionOf(node, 'Ready');
    if (!node || (condition?.status === ready.status && condition.reason === ready.reason)) return;
    objects.update(types.nodes, undefined, nodeName, (draft) => setCondition(draft, ready));
  };
  const stopListening = network.onReady(beat);
  const heartbeat = setInterval(beat, Math.max(heartbeatMilliseconds, context.time.milliseconds(10)));
  beat();
  if (options.role === 'control-plane') createStaticPods(objects, nodeName);
  syncAll();

  return {
    pause: () => {
      paused = true;
    },
    resume: () => {
      paused = false;
      beat();
      syncAll();
    },
    kill: async () => {
      stopped = true;
      clearInterval(heartbeat);
      unsubscribe();
      stopListening();
      network.stop();
      await Promise.all([...runners.values()].map((runner) => runner.kill()));
      await Promise.all(ending);
      runners.clear();
    },
  };
}

function renewLease({ objects, nodeName }: KubeletOptions): void {
  const namespace = 'kube-node-lease';
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  if (objects.find(types.leases, namespace, nodeName)) {
    objects.update(types.leases, namespace, nodeName, (draft) => {
      draft.spec.renewTime = renewTime;
    });
    return;
  }
  const node = objects.find(types.nodes, undefined, nodeName);
  if (!node) return;
  const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid };
  objects.create(types.leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: nodeName, namespace, ownerReferences: [owner] },
    spec: { holderIdentity: nodeName, leaseDurationSeconds: 40, renewTime },
  });
}

/** Real pods listen on loopback addresses of the twin; simulated ones only carry an address of the pod CIDR. */
function podAddresses({ context, nodeIndex }: KubeletOptions): PodAddresses {
  const free: string[] = [];
  const simulatedPrefix = `10.244.${nodeIndex}.`;
  let nextSimulated = 2;
  return {
    take: (isReal) => {
      if (isReal) return free.shift() ?? context.network.podAddress(nodeIndex);
      const address = `${simulatedPrefix}${nextSimulated}`;
      nextSimulated = nextSimulated === 254 ? 2 : nextSimulated + 1;
      return address;
    },
    giveBack: (address) => {
      if (!address.startsWith(simulatedPrefix)) free.push(address);
    },
  };
}
