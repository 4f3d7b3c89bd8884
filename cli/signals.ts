import { InterruptedError, type StopSignal } from './errors.ts';

const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs work that must clean up when a signal asks the process to stop.
 * A second signal changes nothing: exiting at once would leave processes and folders behind.
 * @throws InterruptedError when a signal came, instead of the error with which the work stopped.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController();
  for (const name of stopSignals) process.on(name, () => stopping.abort(new InterruptedError(name)));
  try {
    return await work(stopping.signal);
  } catch (error) {
    throw stopping.signal.aborted ? stopping.signal.reason : error;
  }
}

/** Rejects with the signal's reason as soon as it is aborted, even when the work does not listen to it. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
