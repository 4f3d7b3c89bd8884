/** One container of a pod: its runs, restarts with back-off, probes and end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProjectImage } from '#local/contracts/cluster.ts';
import type { TwinTime } from '#local/contracts/context.ts';
import { type Open, timestamp } from '../apimachinery/object.ts';
import { ContainerConfigError } from './environment.ts';
import type { ContainerLog } from './logs.ts';
import { startProbe } from './probes.ts';
import { type ContainerProcess, startProcess } from './process.ts';
import { simulatedPullSeconds, simulatedStartSeconds } from './simulated.ts';

export interface ContainerParts {
  readonly container: Open;
  /** undefined: the container is simulated. */
  readonly image: ProjectImage | undefined;
  readonly isInit: boolean;
  readonly restartPolicy: string;
  readonly graceSeconds: number;
  readonly podName: string;
  readonly podIp: string;
  readonly time: TwinTime;
  /** @throws ContainerConfigError while something it needs is missing */
  readonly environment: () => Record<string, string>;
  readonly newLog: (run: number) => ContainerLog;
  /** Begins to measure a process group. @returns how to end that */
  readonly measure: (group: number) => () => void;
  readonly onChange: () => void;
  readonly event: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  /** Resolves when a ConfigMap or Secret changes. */
  readonly configurationChange: (signal: AbortSignal) => Promise<void>;
}

const firstBackOffSeconds = 10;
const longestBackOffSeconds = 300;

export class ContainerRunner {
  readonly parts: ContainerParts;
  readonly #stopping = new AbortController();
  #process: ContainerProcess | undefined;
  state: Open = { waiting: { reason: 'PodInitializing' } };
  lastState: Open = {};
  restartCount = 0;
  started = false;
  ready = false;

  constructor(parts: ContainerParts) {
    this.parts = parts;
  }

  /** Runs until the container ends for good. @returns its last exit code */
  async run(): Promise<number> {
    for (;;) {
      const exitCode = await this.#runOnce();
      const { restartPolicy, isInit } = this.parts;
      const policy = isInit && restartPolicy === 'Always' ? 'OnFailure' : restartPolicy;
      const again = policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
      if (this.#stopping.signal.aborted || !again) return exitCode;
      await this.#backOff();
      if (this.#stopping.signal.aborted) return exitCode;
    }
  }

  /** preStop, SIGTERM, and SIGKILL when the grace is over. */
  async stop(graceSeconds: number): Promise<void> {
    this.#stopping.abort(new Error('the pod ends'));
    const running = this.#process;
    if (!running) return;
    const over = delay(graceSeconds * 1000, undefined, { signal: aborted(running.exited) }).catch(() => undefined);
    const preStop = this.parts.container.lifecycle?.preStop?.sleep?.seconds ?? 0;
    if (preStop > 0)
      await Promise.race([
        delay(preStop * 1000, undefined, { signal: aborted(running.exited) }).catch(() => undefined),
        over,
      ]);
    running.signal('SIGTERM');
    await Promise.race([running.exited, over]);
    running.signal('SIGKILL');
    await running.exited;
  }

  /** At once: the node has gone, or the pod was deleted by force. */
  async kill(): Promise<void> {
    this.#stopping.abort(new Error('the pod is gone'));
    this.#process?.signal('SIGKILL');
    await this.#process?.exited;
  }

  #change(state: Open): void {
    this.state = state;
    this.parts.onChange();
  }

  async #runOnce(): Promise<number> {
    const { parts } = this;
    const startedAt = timestamp();
    const { exitCode, message } = parts.image ? await this.#runProcess(parts.image) : await this.#simulate();
    this.started = false;
    this.ready = false;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    this.#change({
      terminated: {
        exitCode,
        reason,
        startedAt,
        finishedAt: timestamp(),
        ...(message && { message }),
        containerID: this.containerId,
      },
    });
    return exitCode;
  }

  get containerId(): string {
    return `stepkube-twin://${this.parts.podName}/${this.parts.container.name}/${this.restartCount}`;
  }

  async #runProcess(image: ProjectImage): Promise<{ exitCode: number; message?: string }> {
    const { container, event } = this.parts;
    const environment = await this.#environment();
    // Nothing ran: the pod ended while it waited for its configuration.
    if (environment === undefined) return { exitCode: 137 };
    const log = this.parts.newLog(this.restartCount);
    const command = [...(container.command ?? image.command), ...(container.args ?? [])];
    const running = startProcess({ command, workingFolder: image.workingFolder, environment, log });
    this.#process = running;
    const endMeasuring = running.group === undefined ? () => {} : this.parts.measure(running.group);
    event('Normal', 'Started', `Container started: ${container.name}`);
    const probing = new AbortController();
    this.#startProbes(environment, image.workingFolder, probing.signal, running);
    this.#change({ running: { startedAt: timestamp() } });
    const exitCode = await running.exited;
    probing.abort();
    endMeasuring();
    this.#process = undefined;
    const explains = exitCode !== 0 && container.terminationMessagePolicy === 'FallbackToLogsOnError';
    return { exitCode, ...(explains && { message: log.tail() }) };
  }

  async #environment(): Promise<Record<string, string> | undefined> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return this.parts.environment();
      } catch (error) {
        if (!(error instanceof ContainerConfigError)) throw error;
        this.#change({ waiting: { reason: 'CreateContainerConfigError', message: error.message } });
        this.parts.event('Warning', 'Failed', `Error: ${error.message}`);
        await this.parts.configurationChange(signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  async #simulate(): Promise<{ exitCode: number; message?: string }> {
    const { time, isInit } = this.parts;
    const { signal } = this.#stopping;
    try {
      await time.wait(simulatedPullSeconds, signal);
      this.#change({ running: { startedAt: timestamp() } });
      await time.wait(simulatedStartSeconds, signal);
      if (isInit) return { exitCode: 0 };
      this.started = true;
      this.ready = true;
      this.parts.onChange();
      await aborting(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return { exitCode: 0 };
  }

  #startProbes(
    environment: Record<string, string>,
    workingFolder: string,
    signal: AbortSignal,
    running: ContainerProcess,
  ): void {
    const { container, podIp, event, onChange, isInit } = this.parts;
    const target = { podIp, container, workingFolder, environment };
    const unhealthy = (kind: string) => (message: string) =>
      event('Warning', 'Unhealthy', `${kind} probe failed: ${message}`);
    const restart = (kind: string) => (ok: boolean) => {
      if (ok) return;
      event('Normal', 'Killing', `Container ${container.name} failed ${kind} probe, will be restarted`);
      this.#end(running).catch((error: Error) => event('Warning', 'FailedKill', error.message));
    };
    const begin = (): void => {
      this.started = true;
      this.ready = !container.readinessProbe;
      onChange();
      if (isInit) return;
      if (container.readinessProbe) {
        const setReady = (ok: boolean) => {
          this.ready = ok;
          onChange();
        };
        startProbe(container.readinessProbe, target, signal, setReady, unhealthy('Readiness'));
      }
      if (container.livenessProbe) {
        startProbe(container.livenessProbe, target, signal, restart('liveness'), unhealthy('Liveness'));
      }
    };
    if (!container.startupProbe || isInit) {
      begin();
      return;
    }
    const starting = new AbortController();
    signal.addEventListener('abort', () => starting.abort());
    const onStartup = (ok: boolean): void => {
      starting.abort();
      if (ok) begin();
      else restart('startup')(false);
    };
    startProbe(container.startupProbe, target, starting.signal, onStartup, unhealthy('Startup'));
  }

  /** A probe's verdict: the container is asked to end, then made to. */
  async #end(running: ContainerProcess): Promise<void> {
    running.signal('SIGTERM');
    const grace = delay(this.parts.graceSeconds * 1000, undefined, { signal: aborted(running.exited) });
    await grace.then(() => running.signal('SIGKILL')).catch(() => undefined);
  }

  async #backOff(): Promise<void> {
    const { container, podName, event, time } = this.parts;
    this.lastState = this.state;
    const seconds = Math.min(firstBackOffSeconds * 2 ** (this.restartCount - 1), longestBackOffSeconds);
    this.restartCount += 1;
    if (this.restartCount === 1) {
      this.#change({ waiting: { reason: 'ContainerCreating' } });
      return;
    }
    const message = `back-off ${seconds}s restarting failed container=${container.name} pod=${podName}`;
    this.#change({ waiting: { reason: 'CrashLoopBackOff', message } });
    event('Warning', 'BackOff', `Back-off restarting failed container ${container.name}`);
    await time.wait(seconds, this.#stopping.signal).catch(() => undefined);
  }
}

/** A signal that aborts when the promise settles: the way to end a timer early. */
function aborted(promise: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  promise.finally(() => controller.abort()).catch(() => undefined);
  return controller.signal;
}

function aborting(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
