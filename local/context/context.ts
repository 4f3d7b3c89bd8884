/** What every part of one running twin shares: its folder, addresses, clock, faults and log. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TwinContext } from '../contracts/context.ts';
import { createFaultPlan } from './faults.ts';
import { folderPrefix, watchFolder } from './leftovers.ts';
import { claimNetwork } from './network.ts';
import { createTime } from './time.ts';

export interface ContextOptions {
  /** How many times faster than real time simulated waiting runs; above 0. */
  readonly scale: number;
  /** `name:subject` or `name:subject:times`, see faults.ts. */
  readonly faults: readonly string[];
  /** Folder to use instead of a temporary one; it is not removed when the twin stops. */
  readonly root?: string;
}

export interface RunningContext extends TwinContext {
  /** Has every line of `log`, with time and source. */
  readonly logFile: string;
  /** Calls `listener` after each `changed()`. Returns a function that removes the listener. */
  onChanged(listener: () => void): () => void;
  stop(): Promise<void>;
}

/** @throws InvalidFaultError, NoFreeNetworkError, RangeError for a scale that is not above 0 */
export async function createContext({ scale, faults, root: givenRoot }: ContextOptions): Promise<RunningContext> {
  const time = createTime(scale);
  const plan = createFaultPlan(faults);
  const { network, release } = await claimNetwork();
  const root = givenRoot ?? (await mkdtemp(path.join(tmpdir(), folderPrefix)));
  mkdirSync(root, { recursive: true });
  const endWatch = givenRoot === undefined ? watchFolder(root) : () => undefined;
  const logFile = path.join(root, 'twin.log');
  const listeners = new Set<() => void>();
  let running = true;
  return {
    root,
    network,
    time,
    faults: plan,
    logFile,
    changed: () => {
      for (const listener of listeners) listener();
    },
    onChanged: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    log: (source, message) => {
      // Work that is still ending may log after the folder has been removed.
      if (running) appendFileSync(logFile, `${new Date().toISOString()} ${source}: ${message}\n`);
    },
    stop: async () => {
      running = false;
      listeners.clear();
      await release();
      endWatch();
      if (givenRoot === undefined) await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
