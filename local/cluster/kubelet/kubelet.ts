/** Starts the kubelet of one node: runs the pods that are placed on it and reports the node's status. Entry of the component. */
import { types } from '../apimachinery/builtin-types.ts';
import type { Pod } from '../apimachinery/kinds.ts';
import { minHeartbeatMilliseconds } from '../apimachinery/node-lease.ts';
import { isPodFinished } from '../apimachinery/pods.ts';
import type { ContainerStats } from '../client/container-stats.ts';
import { EventBroadcaster } from '../client/event-recorder.ts';
import type { PodLogs } from '../client/pod-logs.ts';
import { ContainerLogs } from './container-logs.ts';
import { ContainerMeter } from './container-meter.ts';
import type { KubeletDependencies, KubeletOptions } from './kubelet-dependencies.ts';
import { watchNodeNetwork } from './node-network.ts';
import { registerNode, sendHeartbeat } from './node-status.ts';
import { PodAddresses } from './pod-addresses.ts';
import { PodRunner } from './pod-runner.ts';
import { createMirrorPods } from './static-pods.ts';

export interface Kubelet {
  readonly logs: PodLogs;
  /** What the node's running containers have used until now. */
  stats(): readonly ContainerStats[];
  /** systemctl stop: containers go on running, but nothing reconciles or reports them. */
  pause(): void;
  resume(): void;
  /** The instance is gone: its processes end at once. */
  kill(): Promise<void>;
}

const defaultGracePeriodSeconds = 30;
/** nodeStatusUpdateFrequency */
const heartbeatSeconds = 10;

export function startKubelet(options: KubeletOptions): Kubelet {
  const { client, context, nodeIndex, registration } = options;
  const nodeName = registration.name;
  registerNode(options);
  const network = watchNodeNetwork(client, nodeName);
  const newLoopbackAddress = () => context.network.podAddress(nodeIndex);
  const dependencies: KubeletDependencies = {
    ...options,
    events: new EventBroadcaster(client).recorder('kubelet'),
    addresses: new PodAddresses({ client, nodeName, newLoopbackAddress }),
    logs: new ContainerLogs(),
    meter: new ContainerMeter(),
    networkReady: (signal) => network.waitUntilReady(signal),
  };
  const pods = new PodWorkers(dependencies);
  let isPaused = false;

  const unwatch = client.watch(types.pods, ({ type, object }) => {
    if (isPaused || object.spec.nodeName !== nodeName) return;
    // Not within the write that caused the event: a kubelet learns of changes later.
    setImmediate(() => {
      if (isPaused) return;
      if (type === 'DELETED') pods.remove(object.metadata.uid);
      else pods.syncCurrent(object);
    });
  });
  const beat = (): void => {
    if (isPaused) return;
    sendHeartbeat(client, nodeName, { isNetworkReady: network.isReady(), now: context.time.now() });
  };
  const stopListening = network.onReady(beat);
  const heartbeat = setInterval(beat, Math.max(minHeartbeatMilliseconds, context.time.milliseconds(heartbeatSeconds)));
  beat();
  createMirrorPods(client, nodeName, options.staticPods);
  pods.syncAll();

  return {
    logs: dependencies.logs,
    stats: () => dependencies.meter.read(),
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
      beat();
      pods.syncAll();
    },
    kill: async () => {
      isPaused = true;
      clearInterval(heartbeat);
      unwatch();
      stopListening();
      network.stop();
      await pods.killAll();
    },
  };
}

/** A runner for each pod of the node. */
class PodWorkers {
  readonly #dependencies: KubeletDependencies;
  readonly #runners = new Map<string, PodRunner>();
  readonly #ending = new Set<Promise<void>>();

  constructor(dependencies: KubeletDependencies) {
    this.#dependencies = dependencies;
  }

  /** Brings the runners in line with all pods that are placed on the node. */
  syncAll(): void {
    const { client, registration } = this.#dependencies;
    const pods = client.list(types.pods).filter(({ spec }) => spec.nodeName === registration.name);
    const uids = new Set(pods.map(({ metadata }) => metadata.uid));
    for (const uid of [...this.#runners.keys()]) if (!uids.has(uid)) this.remove(uid);
    for (const pod of pods) this.#sync(pod);
  }

  /** Like syncAll for one pod, which may have changed or been replaced since the event. */
  syncCurrent({ metadata: { namespace, name, uid } }: Pod): void {
    const current = this.#dependencies.client.find(types.pods, namespace, name);
    if (current?.metadata.uid === uid) this.#sync(current);
  }

  /** The pod was deleted, by this kubelet or by force. */
  remove(uid: string): void {
    const runner = this.#runners.get(uid);
    this.#runners.delete(uid);
    this.#dependencies.logs.remove(uid);
    if (!runner) return;
    const killed = runner.kill().finally(() => this.#ending.delete(killed));
    this.#ending.add(killed);
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#runners.values()].map((runner) => runner.kill()));
    await Promise.all(this.#ending);
    this.#runners.clear();
  }

  #sync(pod: Pod): void {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds = defaultGracePeriodSeconds } = pod.metadata;
    let runner = this.#runners.get(uid);
    if (!runner) {
      if (isPodFinished(pod)) return;
      runner = new PodRunner(this.#dependencies, pod);
      this.#runners.set(uid, runner);
      if (!deletionTimestamp) runner.start();
    }
    if (deletionTimestamp) runner.terminate(deletionGracePeriodSeconds);
  }
}
