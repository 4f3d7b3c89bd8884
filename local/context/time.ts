/** The twin's time: waits that are shorter than on AWS, and a clock that can be moved ahead. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TwinTime } from '../contracts/context.ts';

/** @param scale how many times faster simulated waits run. @throws RangeError unless it is above 0 */
export function createTime(scale: number): TwinTime {
  if (!(Number.isFinite(scale) && scale > 0)) throw new RangeError(`scale: ${scale} must be a number above 0`);
  const milliseconds = (simulatedSeconds: number) => (simulatedSeconds * 1000) / scale;
  const listeners = new Set<(seconds: number) => void>();
  let aheadSeconds = 0;
  return {
    scale,
    milliseconds,
    wait: async (simulatedSeconds, signal) => {
      signal?.throwIfAborted();
      try {
        await delay(milliseconds(simulatedSeconds), undefined, signal ? { signal } : {});
      } catch (error) {
        // Node's timer rejects with an AbortError of its own instead of the signal's reason.
        throw signal?.aborted ? signal.reason : error;
      }
    },
    now: () => Date.now() + aheadSeconds * 1000,
    get aheadSeconds() {
      return aheadSeconds;
    },
    moveAhead: (seconds) => {
      aheadSeconds += seconds;
      for (const listener of listeners) listener(seconds);
    },
    onMoved: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
