/** The person's usage for the page, from the API that polybot calls too. */
import type { UsageResponse } from '@stepkube/shared/contracts/usage-api.ts';

export interface UsageView {
  /** undefined while metering does not respond. */
  readonly usage?: UsageResponse;
  /** Address of model-analyzer's report; undefined while its Service does not exist. */
  readonly reportUrl?: string;
}

/** URL of a Service of the cluster by its name, from outside of the cluster; undefined while it does not exist. */
export type ServiceUrl = (name: string) => string | undefined;

const timeoutMilliseconds = 2000;

/** Never rejects: the page shows what there is and asks again. */
export async function readUsage(urlOf: ServiceUrl, user: string): Promise<UsageView> {
  const [metering, reportUrl] = [urlOf('metering'), urlOf('model-analyzer')];
  const usage =
    metering === undefined ? undefined : await fetchUsage(`${metering}/v1/usage/${encodeURIComponent(user)}`);
  return { ...(usage && { usage }), ...(reportUrl && { reportUrl }) };
}

async function fetchUsage(url: string): Promise<UsageResponse | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    return response.ok ? ((await response.json()) as UsageResponse) : undefined;
  } catch {
    // No pod of metering is ready.
    return undefined;
  }
}
