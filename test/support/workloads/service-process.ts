import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildService } from '@stepkube/tools/build-service.ts';
import { projectFolder as repository } from '@stepkube/tools/project-path.ts';

/** Builds a service's bundle into a folder like its container image's WORKDIR. */
export async function stageService(service: string): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), `stepkube-${service}-`));
  await buildService(service, folder);
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

interface LogLine extends Readonly<Record<string, unknown>> {
  readonly msg: string;
}

/** A running service, started as the kubelet would start it. */
export class ServiceProcess implements AsyncDisposable {
  readonly lines: LogLine[] = [];
  readonly exited: Promise<{ readonly code: number | null }>;
  readonly #child: ChildProcess;
  readonly #events = new EventEmitter();
  #raw = '';

  constructor(folder: string, environment: NodeJS.ProcessEnv, args: readonly string[] = []) {
    this.#child = spawn(process.execPath, ['main.js', ...args], {
      cwd: folder,
      env: { HOST: '127.0.0.1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = once(this.#child, 'close').then(([code]) => {
      this.#events.emit('line');
      return { code };
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface(stream).on('line', (line) => {
        this.#raw += `${line}\n`;
        if (line.startsWith('{')) this.lines.push(JSON.parse(line));
        this.#events.emit('line');
      });
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Everything the process has written to stdout and stderr. */
  get output(): string {
    return this.#raw;
  }

  /** Resolves with the first log line with that message; rejects when the process ends without it. */
  async logged(message: string): Promise<LogLine> {
    for (;;) {
      const line = this.lines.find(({ msg }) => msg === message);
      if (line !== undefined) return line;
      if (this.#child.exitCode !== null) throw new Error(`the process ended without '${message}':\n${this.#raw}`);
      await once(this.#events, 'line');
    }
  }

  /** Resolves when the message has been logged that many times from now on; rejects when the process ends before. */
  async counted(message: string, times: number): Promise<void> {
    let seen = 0;
    const done = Promise.withResolvers<void>();
    this.onLogged(message, () => {
      seen += 1;
      if (seen === times) done.resolve();
    });
    const ended = this.exited.then(() => {
      throw new Error(`the process ended after ${seen} of ${times} times '${message}':\n${this.#raw.slice(-2000)}`);
    });
    await Promise.race([done.promise, ended]);
  }

  /** Calls `seen` with every further log line with that message. */
  onLogged(message: string, seen: (line: LogLine) => void): void {
    let next = this.lines.length;
    this.#events.on('line', () => {
      for (const line of this.lines.slice(next)) if (line.msg === message) seen(line);
      next = this.lines.length;
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }
}
