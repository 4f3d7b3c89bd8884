import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { serviceSettings } from './environment.ts';
import { Readiness, startInternalServer } from './internal-server.ts';
import { createLog, type Log, type ServiceLog } from './logger.ts';
import { type RunningService, runService } from './run-service.ts';

/** Below the 45 s that the manifests grant, above the 20 s that servers and queue consumers may take to finish their work. */
const stopSeconds = 35;

/** What a service gets to start with. */
export interface ServiceContext<Settings, Metrics> extends ServiceLog {
  readonly settings: Settings;
  readonly metrics: Metrics;
  /** Shown by /readyz until the service has started, such as 'loading the model'. */
  waitingFor(reason: string): void;
  /** Aborts when the service must stop while it is still starting. */
  readonly signal: AbortSignal;
}

/** What takes work until it is stopped: a queue consumer or an HTTP server. */
export interface Worker {
  stop(): Promise<void>;
}

export interface StartedService {
  /** Stopped all at the same time. */
  readonly workers: readonly Worker[];
  /** Logged with `ready`, such as the port of the API. */
  readonly details: object;
}

/** `node main.js <command> <arguments>` instead of the service. @returns the exit code */
export type Command = (args: readonly string[], log: Log) => Promise<number>;

export interface ServiceOptions<Settings, Metrics> {
  readonly name: string;
  /** @throws InvalidEnvironmentError */
  readonly readSettings: (environment: NodeJS.ProcessEnv) => Settings;
  readonly createMetrics: () => Metrics;
  /** Resolves when the service takes work. */
  readonly start: (context: ServiceContext<Settings, Metrics>) => Promise<StartedService>;
  /** By name. */
  readonly commands?: Readonly<Record<string, Command>>;
  /** Printed with exit code 2 for an unknown command. */
  readonly usage?: string;
}

type CommonSettings = Readonly<z.output<z.ZodObject<typeof serviceSettings>>>;

/**
 * The whole life of a service's process: logger, settings, probes and metrics, start, readiness, and an orderly stop on
 * SIGTERM (see `runService`). Each main.ts passes only what is special about its service.
 */
export async function serve<Settings extends CommonSettings, Metrics extends { readonly registry: Registry }>(
  options: ServiceOptions<Settings, Metrics>,
): Promise<void> {
  const serviceLog = createLog({ service: options.name });
  const { log } = serviceLog;
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) {
    await runService({ log, stopSeconds, start: (signal) => startService(options, serviceLog, signal) });
    return;
  }
  const command = options.commands?.[name];
  if (command === undefined) log.fatal(`${options.usage ?? 'usage: node main.js'}; ${name} is not known`);
  process.exitCode = (await command?.(args, log)) ?? 2;
}

async function startService<Settings extends CommonSettings, Metrics extends { readonly registry: Registry }>(
  { readSettings, createMetrics, start }: ServiceOptions<Settings, Metrics>,
  serviceLog: ServiceLog,
  signal: AbortSignal,
): Promise<RunningService> {
  const { log } = serviceLog;
  const settings = readSettings(process.env);
  log.level = settings.LOG_LEVEL;
  const metrics = createMetrics();
  const readiness = new Readiness();
  const internal = await startInternalServer({
    host: settings.HOST,
    port: settings.INTERNAL_PORT,
    readiness,
    registry: metrics.registry,
    log,
  });
  const waitingFor = (reason: string) => {
    readiness.set(false, reason);
    log.debug(reason);
  };
  const { workers, details } = await start({ ...serviceLog, settings, metrics, waitingFor, signal });
  readiness.set(true, 'ready');
  log.info({ ...details, internalPort: internal.port }, 'ready');
  return {
    async stop() {
      readiness.set(false, 'stopping');
      await Promise.all(workers.map((worker) => worker.stop()));
      await internal.stop();
    },
  };
}
