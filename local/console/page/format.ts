/**
 * The time between two ISO 8601 times as '7.4 s' or '1 min 05 s'.
 * @param stoppedAt undefined: until `now`
 * @param now milliseconds since 1970
 */
export function elapsed(startedAt: string, stoppedAt: string | undefined, now: number): string {
  const seconds = Math.max(0, ((stoppedAt ? Date.parse(stoppedAt) : now) - Date.parse(startedAt)) / 1000);
  if (seconds < 60) return `${stoppedAt ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
}

/** The local time of day of an ISO 8601 time: '18:05:09'. */
export const clock = (time: string) => new Date(time).toLocaleTimeString('en-GB');
