import { sweepLeftovers } from '#local/context/leftovers.ts';
import { startTwin, type Twin, type TwinOptions } from '#local/twin.ts';
import { UsageError } from '../errors.ts';

const defaultPort = 8080;

/** Without a port given, falls back from the default port to any free one. @throws UsageError when the given port is in use */
export async function startOnFreePort(options: Omit<TwinOptions, 'port'>, port: number | undefined): Promise<Twin> {
  for (const folder of await sweepLeftovers())
    process.stderr.write(`Ended what an earlier twin had left: its processes and ${folder}\n`);
  try {
    return await startTwin({ ...options, port: port ?? defaultPort });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (port !== undefined) throw new UsageError(`--port ${port}: is in use; choose another`);
    return startTwin({ ...options, port: 0 });
  }
}
