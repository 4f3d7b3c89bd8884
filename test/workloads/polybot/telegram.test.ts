import type { Log } from '@stepkube/shared/service/logger.ts';
import { expect, it } from 'vitest';
import { TelegramUnavailableError, whenAvailable } from '#workloads/polybot/src/telegram.ts';

it.each([
  { asked: 300, paused: 300 },
  { asked: undefined, paused: 1 },
])('whenAvailable pauses for $paused s when Telegram asks for $asked', async ({ asked, paused }) => {
  const stop = new AbortController();
  const pauses: unknown[] = [];
  const log = {
    warn({ pauseSeconds }: { readonly pauseSeconds: number }) {
      pauses.push(pauseSeconds);
      stop.abort();
    },
  } as unknown as Log;
  const refused = () => Promise.reject(new TelegramUnavailableError('getMe', 'too many requests', asked));
  await expect(whenAvailable(refused, stop.signal, log)).rejects.toMatchObject({ name: 'AbortError' });
  expect(pauses).toEqual([paused]);
});
