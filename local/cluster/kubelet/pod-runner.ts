/** The life of one pod on its node, from volumes to the last SIGKILL. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { types } from '../apimachinery/builtin-types.ts';
import { ApiError } from '../apimachinery/errors.ts';
import type { KubeObject, Open } from '../apimachinery/object.ts';
import { ContainerRunner } from './container.ts';
import { ContainerConfigError, environmentOf } from './environment.ts';
import type { KubeletParts } from './kubelet-dependencies.ts';
import { podStatus } from './pod-status.ts';
import { withServiceAddress } from './service-urls.ts';
import { isPrivateRegistry, simulatedAnnotation } from './simulated.ts';
import { materialiseVolumes, type PodVolumes } from './volumes.ts';

export class PodRunner {
  readonly #parts: KubeletParts;
  readonly #pod: KubeObject;
  readonly #folder: string;
  readonly #stopping = new AbortController();
  readonly #initial: ContainerRunner[] = [];
  readonly #containers: ContainerRunner[] = [];
  readonly #isReal: boolean;
  #podIp: string | undefined;
  #volumes: PodVolumes | undefined;
  #ending: Promise<void> | undefined;
  #phase: 'Succeeded' | 'Failed' | undefined;
  #life: Promise<void> = Promise.resolve();

  constructor(parts: KubeletParts, pod: KubeObject) {
    this.#parts = parts;
    this.#pod = pod;
    this.#folder = join(parts.node.rootFolder, 'var/lib/kubelet/pods', pod.metadata.uid);
    this.#isReal = pod.spec.containers.some((container: Open) => parts.images.resolve(container.image) !== undefined);
  }

  start(): void {
    this.#life = this.#live().catch((error: Error) => {
      if (this.#stopping.signal.aborted) return;
      this.#parts.context.log('kubelet', `${this.#pod.metadata.name}: ${error.stack}`);
      this.#event('Warning', 'Failed', error.message);
    });
  }

  /** The pod is being deleted: end it within its grace, then let the object go. */
  terminate(graceSeconds: number): void {
    this.#ending ??= this.#end(graceSeconds).catch((error: Error) => {
      this.#parts.context.log('kubelet', `${this.#pod.metadata.name} does not end: ${error.stack}`);
    });
  }

  /** At once, without a word to the API server. */
  async kill(): Promise<void> {
    this.#stopping.abort(new Error('the pod is gone'));
    await Promise.all(this.#all().map((container) => container.kill()));
    await this.#life;
    await this.#cleanUp();
  }

  #all(): ContainerRunner[] {
    return [...this.#initial, ...this.#containers];
  }

  async #live(): Promise<void> {
    const { signal } = this.#stopping;
    const { spec } = this.#pod;
    this.#markSimulated();
    this.#writeStatus();
    if (!spec.hostNetwork) await this.#parts.networkReady(signal);
    this.#podIp = spec.hostNetwork ? this.#parts.node.privateIp : this.#parts.addresses.take(this.#isReal);
    this.#volumes = await this.#mountVolumes();
    // The address is in the status before any container asks for it by the downward API.
    this.#writeStatus();
    if (!this.#pullImages()) return;
    for (const container of spec.initContainers ?? []) this.#initial.push(this.#containerRunner(container, true));
    for (const container of spec.containers) this.#containers.push(this.#containerRunner(container, false));
    for (const container of this.#initial) {
      const exitCode = await container.run();
      if (signal.aborted) return;
      if (exitCode !== 0) return this.#finish('Failed');
    }
    const exitCodes = await Promise.all(this.#containers.map((container) => container.run()));
    if (!signal.aborted) this.#finish(exitCodes.every((code) => code === 0) ? 'Succeeded' : 'Failed');
  }

  #markSimulated(): void {
    if (this.#isReal) return;
    const { namespace, name } = this.#pod.metadata;
    this.#parts.objects.updateIfExists(types.pods, namespace, name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [simulatedAnnotation]: 'true' };
    });
  }

  async #mountVolumes(): Promise<PodVolumes> {
    const { objects, tokens, context } = this.#parts;
    const log = (message: string) => context.log('kubelet', message);
    for (;;) {
      try {
        return await materialiseVolumes({ objects, tokens, pod: this.#pod, podFolder: this.#folder, log });
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) throw error;
        this.#event('Warning', 'FailedMount', `MountVolume.SetUp failed: ${error.message}`);
        await this.#configurationChange(this.#stopping.signal);
      }
    }
  }

  /** A ConfigMap, Secret or the like was written: what was missing may be there now. */
  #configurationChange(signal: AbortSignal): Promise<void> {
    const { store } = this.#parts.objects;
    const storages: string[] = [types.configMaps.storage, types.secrets.storage];
    return new Promise((resolve, reject) => {
      const stop = store.subscribe(({ storage }) => {
        if (!storages.includes(storage)) return;
        stop();
        resolve();
      });
      signal.addEventListener('abort', () => {
        stop();
        reject(signal.reason);
      });
    });
  }

  /** @returns false when an image does not exist; the pod then waits to be replaced */
  #pullImages(): boolean {
    const containers: Open[] = [...(this.#pod.spec.initContainers ?? []), ...this.#pod.spec.containers];
    const missing = containers.find(({ image }) => isPrivateRegistry(image) && !this.#parts.images.resolve(image));
    if (!missing) return true;
    const message = `Back-off pulling image "${missing.image}": ErrImagePull: failed to resolve reference "${missing.image}": not found`;
    this.#event('Warning', 'Failed', `Failed to pull image "${missing.image}": not found`);
    this.#writeStatus({ container: missing.name, reason: 'ImagePullBackOff', message });
    return false;
  }

  #containerRunner(container: Open, isInit: boolean): ContainerRunner {
    const { logs, metrics, images, context, node, events } = this.#parts;
    const { namespace, name, uid } = this.#pod.metadata;
    const logFolder = join(node.rootFolder, 'var/log/pods', `${namespace}_${name}_${uid}`, container.name);
    const runner = new ContainerRunner({
      container,
      image: images.resolve(container.image),
      isInit,
      restartPolicy: this.#pod.spec.restartPolicy,
      graceSeconds: this.#pod.spec.terminationGracePeriodSeconds,
      podName: name,
      podIp: this.#podIp!,
      time: context.time,
      environment: () => this.#environmentFor(container),
      measure: (group) => metrics.track(uid, container.name, group),
      newLog: (run) => logs.begin(uid, container.name, join(logFolder, `${run}.log`)),
      onChange: () => this.#writeStatus(),
      event: (type, reason, message) => events(this.#pod, type, reason, message, 'kubelet'),
      configurationChange: (signal) => this.#configurationChange(signal),
    });
    return runner;
  }

  #environmentFor(container: Open): Record<string, string> {
    const { objects, services, images, podEnvironment, apiEndpoint } = this.#parts;
    const { namespace, name } = this.#pod.metadata;
    const mounts = this.#volumes!.mountsOf(container);
    const [host = '', port = ''] = apiEndpoint.split(':');
    const temporary = mounts.find(({ mountPath }) => mountPath === '/tmp');
    const image = images.resolve(container.image);
    const own = environmentOf(objects, objects.get(types.pods, namespace, name), container, mounts);
    const names = { objects, services, namespace: namespace! };
    return {
      PATH: process.env['PATH'] ?? '',
      HOSTNAME: name,
      KUBERNETES_SERVICE_HOST: host,
      KUBERNETES_SERVICE_PORT: port,
      ...(temporary && { TMPDIR: temporary.folder }),
      ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, withServiceAddress(value, names)])),
      ...(image && podEnvironment(image.workload)),
    };
  }

  #finish(phase: 'Succeeded' | 'Failed'): void {
    this.#phase = phase;
    this.#writeStatus();
  }

  async #end(graceSeconds: number): Promise<void> {
    this.#stopping.abort(new Error('the pod ends'));
    for (const { parts } of this.#containers)
      this.#event('Normal', 'Killing', `Stopping container ${parts.container.name}`);
    await Promise.all(this.#all().map((container) => container.stop(graceSeconds)));
    await this.#life;
    this.#writeStatus();
    await this.#cleanUp();
    const { namespace, name, uid } = this.#pod.metadata;
    try {
      this.#parts.objects.delete(types.pods, namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      // Somebody deleted it by force meanwhile.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async #cleanUp(): Promise<void> {
    this.#volumes?.stop();
    if (this.#podIp && !this.#pod.spec.hostNetwork) this.#parts.addresses.giveBack(this.#podIp);
    this.#podIp = undefined;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#parts.events(this.#pod, type, reason, message, 'kubelet');
  }

  #writeStatus(blocked?: { container: string; reason: string; message: string }): void {
    const { objects, node } = this.#parts;
    const { namespace, name, uid } = this.#pod.metadata;
    if (objects.find(types.pods, namespace, name)?.metadata.uid !== uid) return;
    objects.update(types.pods, namespace, name, (draft) => {
      podStatus(draft, {
        hostIp: node.privateIp,
        podIp: this.#podIp,
        initial: this.#initial,
        containers: this.#containers,
        phase: this.#phase,
        blocked,
      });
    });
  }
}
