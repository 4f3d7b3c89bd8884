/** Logs of a node's containers: kept in memory for `kubectl logs`, and written to the node's log folder in CRI format. */
import { EventEmitter } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { LogOptions, PodLogs } from '../client/pod-logs.ts';

interface Line {
  readonly time: string;
  readonly text: string;
}

/** Of one run of a container. */
const maxLines = 5000;
/** What Kubernetes takes from the end of a log as termination message. */
const maxTerminationMessageLines = 80;
const maxTerminationMessageBytes = 2048;

/** The log of one run of a container. */
export class ContainerLog {
  readonly #lines: Line[] = [];
  readonly #events = new EventEmitter<{ line: [Line]; end: [] }>();
  readonly #file: WriteStream;
  #hasEnded = false;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = createWriteStream(path, { flags: 'a' });
    // The instance's folder may be removed before the last lines are written.
    this.#file.on('error', () => undefined);
    this.#events.setMaxListeners(0);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  append(stream: 'stdout' | 'stderr', text: string): void {
    const line = { time: new Date().toISOString(), text };
    this.#lines.push(line);
    if (this.#lines.length > maxLines) this.#lines.shift();
    if (!this.#hasEnded) this.#file.write(`${line.time} ${stream} F ${text}\n`);
    this.#events.emit('line', line);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#file.end();
    this.#events.emit('end');
  }

  read({ tailLines, sinceTime, timestamps }: LogOptions): string {
    const recent = sinceTime ? this.#lines.filter(({ time }) => Date.parse(time) >= sinceTime.getTime()) : this.#lines;
    const tail = tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - tailLines));
    return tail.map((line) => format(line, timestamps)).join('');
  }

  /** The message that terminationMessagePolicy FallbackToLogsOnError asks for. */
  terminationMessage(): string {
    const text = this.#lines
      .slice(-maxTerminationMessageLines)
      .map((line) => `${line.text}\n`)
      .join('');
    return Buffer.from(text).subarray(-maxTerminationMessageBytes).toString();
  }

  follow(timestamps: boolean, onLine: (text: string) => void, onEnd: () => void): () => void {
    const forward = (line: Line) => onLine(format(line, timestamps));
    this.#events.on('line', forward);
    this.#events.once('end', onEnd);
    return () => {
      this.#events.off('line', forward);
      this.#events.off('end', onEnd);
    };
  }
}

export class ContainerLogs implements PodLogs {
  readonly #runs = new Map<string, { current: ContainerLog; previous?: ContainerLog }>();

  /** Starts the log of a container's next run. */
  start(podUid: string, container: string, path: string): ContainerLog {
    const key = `${podUid}/${container}`;
    const last = this.#runs.get(key)?.current;
    const current = new ContainerLog(path);
    this.#runs.set(key, { current, ...(last && { previous: last }) });
    return current;
  }

  read(podUid: string, options: LogOptions): string | undefined {
    return this.#find(podUid, options)?.read(options);
  }

  follow(podUid: string, options: LogOptions, onLine: (line: string) => void, onEnd: () => void): () => void {
    const log = this.#find(podUid, options);
    if (log && !log.hasEnded) return log.follow(options.timestamps, onLine, onEnd);
    onEnd();
    return () => undefined;
  }

  /** Drops the logs of a pod that is gone. */
  remove(podUid: string): void {
    for (const key of this.#runs.keys()) if (key.startsWith(`${podUid}/`)) this.#runs.delete(key);
  }

  #find(podUid: string, { container, previous }: LogOptions): ContainerLog | undefined {
    const runs = this.#runs.get(`${podUid}/${container}`);
    return previous ? runs?.previous : runs?.current;
  }
}

function format({ time, text }: Line, timestamps: boolean): string {
  return `${timestamps ? `${time} ` : ''}${text}\n`;
}
