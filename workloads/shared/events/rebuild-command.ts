import type { Log } from '../service/logger.ts';
import type { Command } from '../service/serve.ts';
import type { EventStore, RecordedEvent } from './event-store.ts';
import { type Difference, rebuild } from './rebuild.ts';

/** Every projection equals the sum of its events, or was replaced by it. */
const equalCode = 0;
/** With --dry-run: there are differences. */
const differentCode = 1;
/** Wrong arguments or settings, or the table could not be read. */
const failedCode = 2;

export const rebuildUsage = 'usage: node main.js [rebuild [--dry-run]]';

/**
 * `rebuild [--dry-run]`: recomputes all projections from the events, logs each day whose stored projection differs, and
 * replaces it. Exit codes: 0 equal or replaced, 1 different (only with --dry-run), 2 failed.
 */
export function rebuildCommand<E extends RecordedEvent, S extends { readonly LOG_LEVEL: string }>(options: {
  /** @throws InvalidEnvironmentError */
  readonly readSettings: (environment: NodeJS.ProcessEnv) => S;
  readonly openStore: (settings: S) => EventStore<E>;
}): Command {
  return async (args, log) => {
    try {
      const settings = options.readSettings(process.env);
      log.level = settings.LOG_LEVEL;
      return await run(args, () => options.openStore(settings), log);
    } catch (error) {
      log.fatal({ err: error }, error instanceof Error ? error.message : 'the rebuild failed');
      return failedCode;
    }
  };
}

async function run<E extends RecordedEvent>(
  args: readonly string[],
  openStore: () => EventStore<E>,
  log: Log,
): Promise<number> {
  const dryRun = args[0] === '--dry-run';
  if (args.length > (dryRun ? 1 : 0)) {
    log.error(`${rebuildUsage}; ${args.find((arg) => arg !== '--dry-run') ?? args.join(' ')} is not known`);
    return failedCode;
  }
  const { differences, ...counts } = await rebuild(openStore(), { dryRun });
  for (const difference of differences) log.warn(difference, describe(difference, dryRun));
  log.info({ ...counts, differences: differences.length, dryRun }, 'rebuild done');
  return dryRun && differences.length > 0 ? differentCode : equalCode;
}

function describe({ stored, rebuilt }: Difference, dryRun: boolean): string {
  const done = dryRun ? '' : ': replaced';
  if (stored === undefined) return `a day with events has no projection${done}`;
  if (rebuilt === undefined) return `a projection has no events${done}`;
  return `a projection is not the sum of its events${done}`;
}
