import { type UsageAnswer, usageAnswerSchema } from '@stepkube/shared/contracts/usage-api.ts';

/** metering did not answer, or not with a usage. */
export class UsageUnavailableError extends Error {
  override readonly name = 'UsageUnavailableError';
}

/** A person waits for the answer: better none than a late one. */
const timeoutMilliseconds = 3000;

/**
 * What metering has counted for a user in the current month.
 * @throws UsageUnavailableError; it does not quote the URL, which holds the user.
 */
export async function readUsage(meteringUrl: string, userId: number): Promise<UsageAnswer> {
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
  const answer = usageAnswerSchema.safeParse(body);
  if (answer.success) return answer.data;
  const fields = answer.error.issues.map(({ path }) => path.join('.'));
  throw new UsageUnavailableError(`metering's answer is not a usage: ${fields.join(', ')}`);
}
