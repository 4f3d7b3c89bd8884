/** How long a kubelet waits before it starts a container again. https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
import type { TwinTime } from '#local/contracts/context.ts';

const minSeconds = 10;
const maxSeconds = 300;
/** A run of this length ends the back-off. */
const resetSeconds = 600;

export class RestartBackOff {
  readonly #time: TwinTime;
  /** Restarts since the last run that was long enough. */
  #inRow = 0;

  constructor(time: TwinTime) {
    this.#time = time;
  }

  /** A run of the container has ended. @param runMilliseconds how long it was, in real time */
  ended(runMilliseconds: number): void {
    if (runMilliseconds >= this.#time.milliseconds(resetSeconds)) this.#inRow = 0;
  }

  /** Simulated seconds before the next restart: none for the first, then 10, 20, 40 and so on. */
  next(): number {
    this.#inRow += 1;
    return this.#inRow === 1 ? 0 : Math.min(minSeconds * 2 ** (this.#inRow - 2), maxSeconds);
  }
}
