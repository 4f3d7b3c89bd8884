/** What a twin leaves that dies without stopping, and how it goes: by a process that watches it, or at the next start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const folderPrefix = 'stepkube-';
const ownerFile = 'twin.owner';
const reaper = path.join(import.meta.dirname, 'reaper.sh');

/**
 * Marks a folder as this process's and starts a watcher, which ends the processes that work inside of the folder, and the folder, when
 * this process is gone. @returns how to tell the watcher that there is nothing to do
 */
export function watchFolder(folder: string): () => void {
  writeFileSync(path.join(folder, ownerFile), identityOf(process.pid) ?? '');
  // Detached: Ctrl+C in the terminal is for the twin.
  const watcher = spawn('bash', [reaper, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.on('error', () => undefined);
  watcher.stdin.on('error', () => undefined);
  watcher.unref();
  (watcher.stdin as unknown as Socket).unref();
  return () => void watcher.stdin.end('stopped\n');
}

/** Ends what twins have left whose watchers died with them. @returns their folders */
export async function sweepLeftovers(): Promise<readonly string[]> {
  const owners = globSync(path.join(tmpdir(), `${folderPrefix}*`, ownerFile));
  const left = owners.filter((file) => !isRunning(readFileSync(file, 'utf8'))).map((file) => path.dirname(file));
  await Promise.all(left.map((folder) => once(spawn('bash', [reaper, folder], { stdio: 'ignore' }), 'close')));
  return left;
}

/** '<pid> <start time>': a process id alone may belong to another process by now. undefined when there is none. */
function identityOf(pid: number): string | undefined {
  try {
    // The name in parentheses may hold spaces. The start time is field 22.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return `${pid} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

const isRunning = (identity: string): boolean => identityOf(Number.parseInt(identity, 10)) === identity;
