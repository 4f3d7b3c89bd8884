import { createLog } from '@stepkube/shared/service/logger.ts';
import { expect, it, vi } from 'vitest';
import { registerWebhook } from '#workloads/polybot/src/register-webhook.ts';
import { TelegramRefusedError } from '#workloads/polybot/src/telegram.ts';

const { log } = createLog({ service: 'polybot' });
log.level = 'silent';
const refusal = (description: string) => new TelegramRefusedError('setWebhook', 400, `Bad Request: ${description}`);
const unresolved = refusal('bad webhook: Failed to resolve host: Name or service not known');
const options = { signal: new AbortController().signal, log, pauseMilliseconds: 0 };

it('registerWebhook retries in the background until Telegram can resolve the host', async () => {
  const accepted = Promise.withResolvers<void>();
  const setWebhook = vi
    .fn<() => Promise<unknown>>()
    .mockRejectedValueOnce(unresolved)
    .mockRejectedValueOnce(unresolved)
    .mockImplementation(async () => accepted.resolve());
  await registerWebhook(setWebhook, options);
  expect(setWebhook).toHaveBeenCalledTimes(1);
  await accepted.promise;
  expect(setWebhook).toHaveBeenCalledTimes(3);
});

it('registerWebhook rejects with every other refusal', async () => {
  const other = refusal('bad webhook: An HTTPS URL must be provided for webhook');
  await expect(registerWebhook(() => Promise.reject(other), options)).rejects.toBe(other);
});

it('registerWebhook stops retrying when its signal aborts', async () => {
  const stopping = new AbortController();
  const setWebhook = vi.fn<() => Promise<unknown>>().mockRejectedValue(unresolved);
  await registerWebhook(setWebhook, { ...options, signal: stopping.signal, pauseMilliseconds: 60_000 });
  stopping.abort();
  expect(setWebhook).toHaveBeenCalledTimes(1);
});
