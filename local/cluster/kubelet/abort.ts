/** Abort signals and promises, each as the other. */

/** A signal that aborts when the promise settles, to end a timer early. */
export function abortedBy(promise: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  promise.finally(() => controller.abort()).catch(() => undefined);
  return controller.signal;
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
