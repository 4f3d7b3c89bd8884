import { type UsageResponse, usageResponseSchema } from '@stepkube/shared/contracts/usage-api.ts';

/** metering is unavailable or sent an invalid response. */
export class UsageUnavailableError extends Error {
  override readonly name = 'UsageUnavailableError';
}

/** A user waits for the answer: no usage is better than a late one. */
const timeoutMilliseconds = 3000;

/**
 * A user's usage in the current month.
 * @throws UsageUnavailableError; it does not quote the URL, which contains the user's id.
 */
export async function readUsage(meteringUrl: string, userId: string): Promise<UsageResponse> {
  const url = new URL(`/v1/usage/${userId}`, meteringUrl);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    body = await response.json();
  } catch (error) {
    throw new UsageUnavailableError(`metering: ${error instanceof Error ? error.name : 'network error'}`);
  }
  if (!response.ok) throw new UsageUnavailableError(`metering answered ${response.status}`);
  const parsed = usageResponseSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join('.'));
  throw new UsageUnavailableError(`metering's answer is not a usage: ${fields.join(', ')}`);
}
