/** Ends a container's process as a kubelet does. */
import { setTimeout as delay } from 'node:timers/promises';
import { abortedBy } from './abort.ts';
import type { ContainerProcess } from './process.ts';

export interface TerminationOptions {
  readonly gracePeriodSeconds: number;
  /** How long the preStop hook sleeps before SIGTERM; it is part of the grace period. */
  readonly preStopSeconds: number;
}

/** SIGTERM, and SIGKILL when the grace period is over. Resolves when the process has ended. */
export async function terminateProcess(
  process: ContainerProcess,
  { gracePeriodSeconds, preStopSeconds }: TerminationOptions,
): Promise<void> {
  const sleep = (seconds: number): Promise<unknown> =>
    delay(seconds * 1000, undefined, { signal: abortedBy(process.exited) }).catch(() => undefined);
  const gracePeriod = sleep(gracePeriodSeconds);
  if (preStopSeconds > 0) await Promise.race([sleep(preStopSeconds), gracePeriod]);
  process.signal('SIGTERM');
  await Promise.race([process.exited, gracePeriod]);
  process.signal('SIGKILL');
  await process.exited;
}
