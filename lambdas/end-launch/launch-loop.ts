import type { LaunchFailure, LaunchRecord } from './launch-record.ts';

/** So many launches in a row that fail with the same cause are a loop: the next one would fail, too. */
const loopLength = 3;

/**
 * @param capacity what the group wants to have now: more than the loop was stopped at means that somebody tries again
 * @returns the record with the failure, which counts once however often it is noted
 */
export function withFailure(record: LaunchRecord, failure: LaunchFailure, capacity: number): LaunchRecord {
  const { failures, stoppedAtCapacity } = record;
  if (failures.some(({ launchId }) => launchId === failure.launchId)) return record;
  if (stoppedAtCapacity !== undefined && capacity > stoppedAtCapacity) return { failures: [failure] };
  return { ...record, failures: [...failures, failure].slice(-loopLength) };
}

export function isLoop({ failures }: LaunchRecord): boolean {
  const kinds = new Set(failures.map(({ cause }) => kindOf(cause)));
  return failures.length === loopLength && kinds.size === 1;
}

/** A cause without what differs from instance to instance: ids, addresses, times. */
function kindOf(cause: string): string {
  return cause.replaceAll(/[\w.:/-]*\d[\w.:/-]*/g, '#');
}
