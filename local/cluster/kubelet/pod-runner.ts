/** The life of one pod on its node, from its volumes to the last SIGKILL. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loopbackAddressAnnotation, simulatedAnnotation } from '../apimachinery/annotations.ts';
import { types } from '../apimachinery/builtin-types.ts';
import { ApiError } from '../apimachinery/errors.ts';
import type { Container, Pod } from '../apimachinery/kinds.ts';
import { ContainerConfigError, configurationChange } from './configuration.ts';
import { ContainerRunner } from './container-runner.ts';
import type { KubeletDependencies } from './kubelet-dependencies.ts';
import type { PodAddress } from './pod-addresses.ts';
import { podEnvironment } from './pod-environment.ts';
import { type PodState, writePodStatus } from './pod-status.ts';
import { isPrivateImage } from './simulated-images.ts';
import { type PodVolumes, setUpVolumes } from './volumes.ts';

export class PodRunner {
  readonly #dependencies: KubeletDependencies;
  readonly #pod: Pod;
  readonly #folder: string;
  /** Whether some container runs as a process; otherwise the whole pod is simulated. */
  readonly #hasProcesses: boolean;
  readonly #stopping = new AbortController();
  readonly #initContainers: ContainerRunner[] = [];
  readonly #containers: ContainerRunner[] = [];
  #address: PodAddress | undefined;
  #volumes: PodVolumes | undefined;
  #finalPhase: 'Succeeded' | 'Failed' | undefined;
  #running: Promise<void> = Promise.resolve();
  #terminating: Promise<void> | undefined;

  constructor(dependencies: KubeletDependencies, pod: Pod) {
    this.#dependencies = dependencies;
    this.#pod = pod;
    this.#folder = join(dependencies.node.rootFolder, 'var/lib/kubelet/pods', pod.metadata.uid);
    this.#hasProcesses = pod.spec.containers.some(({ image }) => this.#projectImage(image) !== undefined);
  }

  start(): void {
    this.#running = this.#run().catch((error: Error) => {
      if (this.#stopping.signal.aborted) return;
      this.#log(`${this.#pod.metadata.name}: ${error.stack}`);
      this.#event('Warning', 'Failed', error.message);
    });
  }

  /** Ends the pod within its grace period and then removes it from the API server. */
  terminate(gracePeriodSeconds: number): void {
    this.#terminating ??= this.#terminate(gracePeriodSeconds).catch((error: Error) => {
      this.#log(`${this.#pod.metadata.name} does not end: ${error.stack}`);
    });
  }

  /** Ends the pod at once and tells the API server nothing. */
  async kill(): Promise<void> {
    this.#stopping.abort(new Error('the pod is gone'));
    await Promise.all(this.#allContainers().map((container) => container.kill()));
    await this.#running;
    await this.#cleanUp();
  }

  #projectImage(image: string | undefined) {
    return image === undefined ? undefined : this.#dependencies.images.resolve(image);
  }

  #allContainers(): ContainerRunner[] {
    return [...this.#initContainers, ...this.#containers];
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { spec } = this.#pod;
    this.#writeStatus();
    this.#address = await this.#takeAddress(signal);
    this.#volumes = await this.#mountVolumes(signal);
    // Before any container starts, because the downward API may give the address to it.
    this.#writeStatus();
    if (this.#isImageMissing()) return;
    for (const container of spec.initContainers ?? []) this.#initContainers.push(this.#newRunner(container, true));
    for (const container of spec.containers) this.#containers.push(this.#newRunner(container, false));
    for (const container of this.#initContainers) {
      const exitCode = await container.run();
      if (signal.aborted) return;
      if (exitCode !== 0) {
        this.#finish('Failed');
        return;
      }
    }
    const exitCodes = await Promise.all(this.#containers.map((container) => container.run()));
    if (!signal.aborted) this.#finish(exitCodes.every((exitCode) => exitCode === 0) ? 'Succeeded' : 'Failed');
  }

  async #takeAddress(signal: AbortSignal): Promise<PodAddress> {
    const { node, addresses, networkReady } = this.#dependencies;
    if (this.#pod.spec.hostNetwork) return { ip: node.privateIp, listenAddress: node.privateIp };
    await networkReady(signal);
    return addresses.allocate(this.#hasProcesses);
  }

  /** Tries again whenever a ConfigMap or Secret is written. */
  async #mountVolumes(signal: AbortSignal): Promise<PodVolumes> {
    const { client, requestToken } = this.#dependencies;
    const options = { client, requestToken, pod: this.#pod, podFolder: this.#folder };
    for (;;) {
      try {
        return await setUpVolumes({ ...options, log: (message) => this.#log(message) });
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) throw error;
        this.#event('Warning', 'FailedMount', `MountVolume.SetUp failed: ${error.message}`);
        await configurationChange(client, signal);
      }
    }
  }

  /** A pod with an image that does not exist waits until it is deleted. */
  #isImageMissing(): boolean {
    const { initContainers = [], containers } = this.#pod.spec;
    const missing = [...initContainers, ...containers].find(
      ({ image = '' }) => isPrivateImage(image) && !this.#projectImage(image),
    );
    if (!missing) return false;
    const { name, image } = missing;
    const cause = `ErrImagePull: failed to resolve reference "${image}": not found`;
    this.#event('Warning', 'Failed', `Failed to pull image "${image}": not found`);
    const message = `Back-off pulling image "${image}": ${cause}`;
    this.#writeStatus({ container: name, reason: 'ImagePullBackOff', message });
    return true;
  }

  #newRunner(container: Container, isInit: boolean): ContainerRunner {
    const { client, logs, meter, context, node } = this.#dependencies;
    const { metadata, spec } = this.#pod;
    const { namespace, name, uid } = metadata;
    const logFolder = join(node.rootFolder, 'var/log/pods', `${namespace}_${name}_${uid}`, container.name);
    const { listenAddress } = this.#address!;
    const volumes = this.#volumes!;
    return new ContainerRunner({
      container,
      image: this.#projectImage(container.image),
      isInit,
      restartPolicy: spec.restartPolicy,
      gracePeriodSeconds: spec.terminationGracePeriodSeconds,
      podName: name,
      listenAddress,
      time: context.time,
      environment: () => podEnvironment(this.#dependencies, { pod: this.#pod, container, volumes, listenAddress }),
      measure: (processGroup, memoryLimit) => meter.start(uid, container.name, processGroup, memoryLimit),
      newLog: (run) => logs.start(uid, container.name, join(logFolder, `${run}.log`)),
      onChange: () => this.#writeStatus(),
      event: (type, reason, message) => this.#event(type, reason, message),
      configurationChange: (signal) => configurationChange(client, signal),
    });
  }

  #finish(phase: 'Succeeded' | 'Failed'): void {
    this.#finalPhase = phase;
    this.#writeStatus();
  }

  async #terminate(gracePeriodSeconds: number): Promise<void> {
    this.#stopping.abort(new Error('the pod is being deleted'));
    for (const { options } of this.#containers) {
      this.#event('Normal', 'Killing', `Stopping container ${options.container.name}`);
    }
    await Promise.all(this.#allContainers().map((container) => container.stop(gracePeriodSeconds)));
    await this.#running;
    this.#writeStatus();
    await this.#cleanUp();
    const { namespace, name, uid } = this.#pod.metadata;
    try {
      this.#dependencies.client.delete(types.pods, namespace, name, {
        gracePeriodSeconds: 0,
        preconditions: { uid },
      });
    } catch (error) {
      // It was deleted by force meanwhile.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  async #cleanUp(): Promise<void> {
    this.#volumes?.stop();
    if (this.#address && !this.#pod.spec.hostNetwork) this.#dependencies.addresses.release(this.#address);
    this.#address = undefined;
    await rm(this.#folder, { recursive: true, force: true });
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#dependencies.events(this.#pod, type, reason, message);
  }

  #log(message: string): void {
    this.#dependencies.context.log('kubelet', message);
  }

  #writeStatus(blocked?: PodState['blocked']): void {
    const { client, node } = this.#dependencies;
    const { namespace, name, uid } = this.#pod.metadata;
    if (client.find(types.pods, namespace, name)?.metadata.uid !== uid) return;
    client.update(types.pods, namespace, name, (draft) => {
      this.#annotate(draft);
      writePodStatus(draft, {
        hostIp: node.privateIp,
        podIp: this.#address?.ip,
        initContainers: this.#initContainers,
        containers: this.#containers,
        finalPhase: this.#finalPhase,
        blocked,
      });
    });
  }

  /** Says that the pod is simulated, or where its processes listen. */
  #annotate({ metadata }: Pod): void {
    const { ip, listenAddress } = this.#address ?? {};
    metadata.annotations = {
      ...metadata.annotations,
      ...(!this.#hasProcesses && { [simulatedAnnotation]: 'true' }),
      ...(listenAddress && listenAddress !== ip && { [loopbackAddressAnnotation]: listenAddress }),
    };
  }
}
