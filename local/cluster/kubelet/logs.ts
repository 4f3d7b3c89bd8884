/** Output of containers: kept for `kubectl logs`, and written to the node's log folder in the runtime's own format. */
import { EventEmitter } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { LogOptions, PodLogs } from '../apiserver/pod-logs.ts';

interface Line {
  readonly time: string;
  readonly text: string;
}

/** Lines of one run of a container that are kept in memory. */
const keptLines = 5000;
const terminationMessageLines = 80;
const terminationMessageBytes = 2048;

/** One run of a container. */
export class ContainerLog {
  readonly #lines: Line[] = [];
  readonly #events = new EventEmitter<{ line: [Line]; end: [] }>();
  readonly #file: WriteStream;
  #ended = false;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#file = createWriteStream(path, { flags: 'a' });
    // The instance's folder may go while the last lines are written.
    this.#file.on('error', () => undefined);
    this.#events.setMaxListeners(0);
  }

  get ended(): boolean {
    return this.#ended;
  }

  append(stream: 'stdout' | 'stderr', text: string): void {
    const line = { time: new Date().toISOString(), text };
    this.#lines.push(line);
    if (this.#lines.length > keptLines) this.#lines.shift();
    if (!this.#ended) this.#file.write(`${line.time} ${stream} F ${text}\n`);
    this.#events.emit('line', line);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#file.end();
    this.#events.emit('end');
  }

  read({ tailLines, sinceTime, timestamps }: LogOptions): string {
    const since = sinceTime ? this.#lines.filter(({ time }) => Date.parse(time) >= sinceTime.getTime()) : this.#lines;
    const wanted = tailLines === undefined ? since : since.slice(Math.max(0, since.length - tailLines));
    return wanted.map((line) => format(line, timestamps)).join('');
  }

  /** What FallbackToLogsOnError puts into the termination message. */
  tail(): string {
    const text = this.#lines
      .slice(-terminationMessageLines)
      .map((line) => `${line.text}\n`)
      .join('');
    return Buffer.from(text).subarray(-terminationMessageBytes).toString();
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

  /** Begins the log of a container's next run. */
  begin(podUid: string, container: string, path: string): ContainerLog {
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
    if (log && !log.ended) return log.follow(options.timestamps, onLine, onEnd);
    onEnd();
    return () => undefined;
  }

  /** The pod has gone, and with it what it wrote. */
  forget(podUid: string): void {
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
