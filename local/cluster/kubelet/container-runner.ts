/** One container of a pod: its runs, restarts with back-off, probes and end. */
import type { ProjectImage } from '#local/contracts/cluster.ts';
import type { Container, ContainerState } from '../apimachinery/kinds.ts';
import { timestamp } from '../apimachinery/object.ts';
import { quantity } from '../apimachinery/quantity.ts';
import { untilAborted } from './abort.ts';
import { ContainerConfigError } from './configuration.ts';
import type { MemoryLimit } from './container-meter.ts';
import type { ContainerOptions } from './container-options.ts';
import { startContainerProbes } from './container-probes.ts';
import { expand } from './environment.ts';
import { type ContainerProcess, startProcess } from './process.ts';
import { terminateProcess } from './process-termination.ts';
import { RestartBackOff } from './restart-back-off.ts';
import { simulatedPullSeconds, simulatedStartSeconds } from './simulated-images.ts';

interface ExitStatus {
  readonly exitCode: number;
  /** The termination message. */
  readonly message?: string;
  /** The container has passed its memory limit. */
  readonly isOutOfMemory?: boolean;
}

/** Of a process that was killed by SIGKILL. */
const killedExitCode = 137;

function limitOf({ resources }: Container, onExceeded: () => void): MemoryLimit | undefined {
  const limit = resources?.limits?.['memory'];
  return limit === undefined ? undefined : { bytes: quantity(limit), onExceeded };
}

export class ContainerRunner {
  readonly options: ContainerOptions;
  readonly #stopping = new AbortController();
  readonly #restarts: RestartBackOff;
  #process: ContainerProcess | undefined;
  #state: ContainerState = { waiting: { reason: 'PodInitializing' } };
  #lastState: ContainerState = {};
  #restartCount = 0;
  #isStarted = false;
  #isReady = false;

  constructor(options: ContainerOptions) {
    this.options = options;
    this.#restarts = new RestartBackOff(options.time);
  }

  get state(): ContainerState {
    return this.#state;
  }

  /** How the run before the last restart ended. */
  get lastState(): ContainerState {
    return this.#lastState;
  }

  get restartCount(): number {
    return this.#restartCount;
  }

  /** Whether the startup probe has succeeded. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Whether the readiness probe succeeds. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get containerId(): string {
    const { podName, container } = this.options;
    return `stepkube-twin://${podName}/${container.name}/${this.#restartCount}`;
  }

  get hasSucceeded(): boolean {
    return this.#state.terminated?.exitCode === 0;
  }

  /** Runs until the container ends for good. @returns its last exit code */
  async run(): Promise<number> {
    const { restartPolicy, isInit } = this.options;
    const policy = isInit && restartPolicy === 'Always' ? 'OnFailure' : restartPolicy;
    for (;;) {
      const startedAt = Date.now();
      const exitCode = await this.#runOnce();
      this.#restarts.ended(Date.now() - startedAt);
      const isRestarted = policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
      if (this.#stopping.signal.aborted || !isRestarted) return exitCode;
      await this.#backOff();
      if (this.#stopping.signal.aborted) return exitCode;
    }
  }

  /** The preStop hook, SIGTERM, and SIGKILL when the grace period is over. */
  async stop(gracePeriodSeconds: number): Promise<void> {
    this.#stopping.abort(new Error('the pod is being deleted'));
    if (!this.#process) return;
    const preStopSeconds = this.options.container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    await terminateProcess(this.#process, { gracePeriodSeconds, preStopSeconds });
  }

  /** Ends the container at once, because its node is gone or the pod was deleted by force. */
  async kill(): Promise<void> {
    this.#stopping.abort(new Error('the pod is gone'));
    this.#process?.signal('SIGKILL');
    await this.#process?.exited;
  }

  #setState(state: ContainerState): void {
    this.#state = state;
    this.options.onChange();
  }

  async #runOnce(): Promise<number> {
    const { image } = this.options;
    const startedAt = timestamp();
    const { exitCode, message, isOutOfMemory } = image ? await this.#runProcess(image) : await this.#simulate();
    this.#isStarted = false;
    this.#isReady = false;
    this.#setState({
      terminated: {
        exitCode,
        reason: isOutOfMemory ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error',
        startedAt,
        finishedAt: timestamp(),
        ...(message && { message }),
        containerID: this.containerId,
      },
    });
    return exitCode;
  }

  async #runProcess(image: ProjectImage): Promise<ExitStatus> {
    const { container, newLog, measure, event } = this.options;
    const environment = await this.#waitForEnvironment();
    // The pod was deleted while it waited for its configuration.
    if (environment === undefined) return { exitCode: killedExitCode };
    const log = newLog(this.#restartCount);
    const words = [...(container.command ?? image.command), ...(container.args ?? [])];
    const command = words.map((word) => expand(word, environment));
    const running = startProcess({ command, workingFolder: image.workingFolder, environment, log });
    this.#process = running;
    let isOutOfMemory = false;
    const memoryLimit = limitOf(container, () => {
      isOutOfMemory = true;
      // With cgroup v2 the kubelet asks for the whole container: memory.oom.group.
      running.signal('SIGKILL');
    });
    const stopMeasuring = running.group === undefined ? () => {} : measure(running.group, memoryLimit);
    event('Normal', 'Started', `Container started: ${container.name}`);
    const probing = new AbortController();
    this.#startProbes(running, image.workingFolder, environment, probing.signal);
    this.#setState({ running: { startedAt: timestamp() } });
    const exitCode = await running.exited;
    probing.abort();
    stopMeasuring();
    this.#process = undefined;
    const usesLog = exitCode !== 0 && container.terminationMessagePolicy === 'FallbackToLogsOnError';
    return { exitCode, isOutOfMemory, ...(usesLog && { message: log.terminationMessage() }) };
  }

  /** undefined when the pod is deleted while something that the container refers to is missing. */
  async #waitForEnvironment(): Promise<Record<string, string> | undefined> {
    const { environment, event, configurationChange } = this.options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return environment();
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) throw error;
        this.#setState({ waiting: { reason: 'CreateContainerConfigError', message: error.message } });
        event('Warning', 'Failed', `Error: ${error.message}`);
        await configurationChange(signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** Runs, for the API server, until it is stopped; nothing runs in fact. */
  async #simulate(): Promise<ExitStatus> {
    const { time, isInit, onChange } = this.options;
    const { signal } = this.#stopping;
    try {
      await time.wait(simulatedPullSeconds, signal);
      this.#setState({ running: { startedAt: timestamp() } });
      await time.wait(simulatedStartSeconds, signal);
      if (isInit) return { exitCode: 0 };
      this.#isStarted = true;
      this.#isReady = true;
      onChange();
      await untilAborted(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return { exitCode: 0 };
  }

  #startProbes(
    running: ContainerProcess,
    workingFolder: string,
    environment: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): void {
    const { container, listenAddress, isInit, gracePeriodSeconds, event, onChange } = this.options;
    startContainerProbes({
      container,
      isInit,
      target: { address: listenAddress, container, workingFolder, environment },
      signal,
      event,
      onStarted: () => {
        this.#isStarted = true;
      },
      onReady: (isReady) => {
        this.#isReady = isReady;
        onChange();
      },
      onRestart: () => {
        // `run` starts the container again when its process has ended.
        terminateProcess(running, { gracePeriodSeconds, preStopSeconds: 0 }).catch((error: Error) =>
          event('Warning', 'FailedKill', error.message),
        );
      },
    });
  }

  async #backOff(): Promise<void> {
    const { container, podName, event, time } = this.options;
    this.#lastState = this.#state;
    const seconds = this.#restarts.next();
    this.#restartCount += 1;
    if (seconds === 0) {
      this.#setState({ waiting: { reason: 'ContainerCreating' } });
      return;
    }
    const message = `back-off ${seconds}s restarting failed container=${container.name} pod=${podName}`;
    this.#setState({ waiting: { reason: 'CrashLoopBackOff', message } });
    event('Warning', 'BackOff', `Back-off restarting failed container ${container.name}`);
    await time.wait(seconds, this.#stopping.signal).catch(() => undefined);
  }
}
