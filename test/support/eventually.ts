import { vi } from 'vitest';

/**
 * Repeats a check until it passes, for what the twin does in the background. It runs every few milliseconds, since scaled time
 * makes most of that short.
 * @throws the error of the last check when the time is up
 */
export function eventually<T>(check: () => T | Promise<T>, timeoutMilliseconds = 10_000): Promise<T> {
  return vi.waitFor(check, { interval: 5, timeout: timeoutMilliseconds });
}
