/** Container logs: kubelets keep them, and the API server reads them for `kubectl logs`. */

export interface LogOptions {
  readonly container: string;
  /** Of the run before the last restart. */
  readonly previous: boolean;
  readonly tailLines?: number;
  readonly sinceTime?: Date;
  /** Whether each line begins with its time. */
  readonly timestamps: boolean;
}

export interface PodLogs {
  /** Lines so far; undefined when the container has not run yet. */
  read(podUid: string, options: LogOptions): string | undefined;
  /** Calls `onLine` for each new line until the container ends (`onEnd`) or the returned function is called. */
  follow(podUid: string, options: LogOptions, onLine: (line: string) => void, onEnd: () => void): () => void;
}
