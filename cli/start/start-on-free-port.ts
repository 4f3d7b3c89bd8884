import { startTwin, type Twin, type TwinOptions } from '#local/twin.ts';
import { UsageError } from '../errors.ts';

const defaultPort = 8080;

/** Takes any free port when nobody asked for one and the default is in use. @throws UsageError when the wanted one is */
export async function startOnFreePort(options: Omit<TwinOptions, 'port'>, port: number | undefined): Promise<Twin> {
  try {
    return await startTwin({ ...options, port: port ?? defaultPort });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (port !== undefined) throw new UsageError(`--port ${port}: is in use; choose another`);
    return startTwin({ ...options, port: 0 });
  }
}
