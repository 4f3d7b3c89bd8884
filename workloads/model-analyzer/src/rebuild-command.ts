import type { Log } from '../../shared/logger.ts';
import { rebuild } from '../../shared/rebuild.ts';
import type { Analysis } from './analysis.ts';

/**
 * `node main.js rebuild [--dry-run]`: folds every event from nothing, compares the sums byte by byte with what is stored
 * and puts right what differs.
 * @returns whether nothing differed
 */
export async function rebuildCommand(analysis: Analysis, options: { readonly dryRun: boolean; readonly log: Log }) {
  const { log, dryRun } = options;
  const { differences, ...counts } = await rebuild(analysis.store, { dryRun });
  for (const difference of differences) log.warn(difference, 'a projection is not the sum of its events');
  const result = differences.length === 0 ? 'equal' : dryRun ? 'different' : 'put right';
  log.info({ ...counts, differences: differences.length, result }, 'rebuilt');
  return differences.length === 0;
}
