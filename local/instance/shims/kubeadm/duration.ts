import { ShimError } from '../shim.ts';

/** Seconds of a Go duration such as 24h0m0s. @throws ShimError */
export function durationSeconds(duration: string): number {
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  const total = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  if (duration === '' || total === 0) throw new ShimError(`invalid duration "${duration}"`);
  return total;
}
