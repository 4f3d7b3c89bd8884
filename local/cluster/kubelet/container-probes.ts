/** Startup, readiness and liveness of a container, from its probes. */
import type { Container } from '../apimachinery/kinds.ts';
import { type ProbeTarget, startProbe } from './probes.ts';

export interface ContainerProbesOptions {
  readonly container: Container;
  /** Init containers are not probed. */
  readonly isInit: boolean;
  readonly target: ProbeTarget;
  /** Ends all probes. */
  readonly signal: AbortSignal;
  readonly event: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  /** The startup probe has succeeded, or there is none. Always followed by `onReady`. */
  readonly onStarted: () => void;
  readonly onReady: (isReady: boolean) => void;
  /** A startup or liveness probe has failed: the container is to be restarted. */
  readonly onRestart: () => void;
}

export function startContainerProbes(options: ContainerProbesOptions): void {
  const { container, isInit, target, signal, event, onRestart } = options;
  const { startupProbe } = container;
  if (!startupProbe || isInit) {
    startRunningProbes(options);
    return;
  }
  const startup = new AbortController();
  signal.addEventListener('abort', () => startup.abort());
  const onResult = (isSuccess: boolean): void => {
    startup.abort();
    if (isSuccess) startRunningProbes(options);
    else {
      event('Normal', 'Killing', `Container ${container.name} failed startup probe, will be restarted`);
      onRestart();
    }
  };
  startProbe(startupProbe, target, startup.signal, onResult, unhealthyEvent(options, 'Startup'));
}

/** The probes of a container that has started. */
function startRunningProbes(options: ContainerProbesOptions): void {
  const { container, isInit, target, signal, event, onStarted, onReady, onRestart } = options;
  const { readinessProbe, livenessProbe } = container;
  onStarted();
  onReady(!readinessProbe);
  if (isInit) return;
  if (readinessProbe) startProbe(readinessProbe, target, signal, onReady, unhealthyEvent(options, 'Readiness'));
  if (!livenessProbe) return;
  const onLiveness = (isSuccess: boolean): void => {
    if (isSuccess) return;
    event('Normal', 'Killing', `Container ${container.name} failed liveness probe, will be restarted`);
    onRestart();
  };
  startProbe(livenessProbe, target, signal, onLiveness, unhealthyEvent(options, 'Liveness'));
}

function unhealthyEvent({ event }: ContainerProbesOptions, kind: string): (message: string) => void {
  return (message) => event('Warning', 'Unhealthy', `${kind} probe failed: ${message}`);
}
