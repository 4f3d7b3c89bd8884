import { endEarlySignals } from './early-signals.ts';
import type { Log } from './logger.ts';

/** A started service. */
export interface RunningService {
  /** Becomes unready, takes no new work, and finishes or returns the work in progress. */
  stop(): Promise<void>;
}

/**
 * Runs a service until SIGTERM or SIGINT and exits with 0 once it has stopped. Exits with 1 when it cannot start, on an
 * uncaught error, or when stopping takes longer than `stopSeconds` (which must be below the pod's grace period).
 *
 * A service that must stop before it has started has taken no work: it exits at once. `start` gets a signal that aborts then.
 */
export async function runService(options: {
  readonly log: Log;
  readonly stopSeconds: number;
  readonly start: (signal: AbortSignal) => Promise<RunningService>;
}): Promise<void> {
  const { log, stopSeconds } = options;
  const fail = (message: string, error: unknown): never => {
    log.fatal({ err: error }, message);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => fail('an error escaped', error));
  process.on('unhandledRejection', (error) => fail('an error escaped', error));

  const stopping = new AbortController();
  const asked = new Promise<void>((resolve) => {
    const stop = (name: string) => {
      log.info({ signal: name }, 'stopping');
      setTimeout(() => fail(`stopping took longer than ${stopSeconds} s`, undefined), stopSeconds * 1000).unref();
      stopping.abort();
      resolve();
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    endEarlySignals();
  });

  const starting = options.start(stopping.signal).catch((error: unknown) => {
    if (!stopping.signal.aborted) fail(error instanceof Error ? error.message : 'the service could not start', error);
    return undefined;
  });
  const service = await Promise.race([starting, asked.then(() => undefined)]);
  await asked;
  try {
    await service?.stop();
  } catch (error) {
    fail('stopping failed', error);
  }
  log.info('stopped');
  process.exit(0);
}
