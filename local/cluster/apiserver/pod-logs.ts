/** Where the output of containers comes from: the kubelets. */
export interface LogOptions {
  readonly container: string;
  readonly previous: boolean;
  readonly tailLines?: number;
  readonly sinceTime?: Date;
  readonly timestamps: boolean;
}

export interface PodLogs {
  /** Lines so far; undefined when the container has not run yet. */
  read(podUid: string, options: LogOptions): string | undefined;
  /** Calls `onLine` for each new line until the container ends (`onEnd`) or the returned function is called. */
  follow(podUid: string, options: LogOptions, onLine: (line: string) => void, onEnd: () => void): () => void;
}
