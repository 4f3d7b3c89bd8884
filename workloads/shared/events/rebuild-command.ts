import type { Log } from '../service/logger.ts';
import type { EventStore, RecordedEvent } from './event-store.ts';
import { type Difference, rebuild } from './rebuild.ts';

/** Every projection is the sum of its events: it was, or it was replaced. */
const equalCode = 0;
/** --dry-run: there are differences. */
const differentCode = 1;
const usageCode = 2;

export const usage = 'usage: node main.js [rebuild [--dry-run]]';

/**
 * `rebuild`: folds all events from nothing, prints each day whose stored projection is different, and replaces it.
 * @returns the exit code: 0 equal or replaced, 1 different (only with --dry-run), 2 wrong arguments
 */
export async function runRebuild<E extends RecordedEvent>(options: {
  readonly args: readonly string[];
  readonly openStore: () => EventStore<E>;
  readonly log: Log;
}): Promise<number> {
  const { args, openStore, log } = options;
  const dryRun = args[0] === '--dry-run';
  if (args.length > (dryRun ? 1 : 0)) {
    log.error(`${usage}; ${args.find((arg) => arg !== '--dry-run') ?? args.join(' ')} is not known`);
    return usageCode;
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
