/** What the page shows of the person's usage: metering's own answer, asked for as polybot asks. */
import type { UsageResponse } from '@stepkube/shared/contracts/usage-api.ts';

export interface UsageView {
  /** undefined while metering does not answer. */
  readonly usage?: UsageResponse;
  /** The analyst's report, on model-analyzer's own address; undefined while its Service is not there. */
  readonly reportUrl?: string;
}

/** Where a Service of the cluster is reached from outside of it. */
export type ServiceUrl = (name: string) => string | undefined;

const timeoutMilliseconds = 2000;

export async function readUsage(urlOf: ServiceUrl, user: string): Promise<UsageView> {
  const [metering, reportUrl] = [urlOf('metering'), urlOf('model-analyzer')];
  const usage = metering === undefined ? undefined : await ask(`${metering}/v1/usage/${encodeURIComponent(user)}`);
  return { ...(usage && { usage }), ...(reportUrl && { reportUrl }) };
}

async function ask(url: string): Promise<UsageResponse | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds) });
    return response.ok ? ((await response.json()) as UsageResponse) : undefined;
  } catch {
    // No pod is ready yet, or just none: the page asks again.
    return undefined;
  }
}
