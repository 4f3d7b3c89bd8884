import { setTimeout as delay } from 'node:timers/promises';

export interface Webhook {
  readonly url: string;
  readonly secretToken: string | undefined;
  readonly allowedUpdates: readonly string[];
  /** A certificate came with it, for Telegram to trust. TLS is simulated here, so it is not checked. */
  readonly hasCustomCertificate: boolean;
}

/** Where the public internet reaches a host and port of a webhook address; undefined while nothing is there. */
export type ResolveHost = (
  hostname: string,
  port: number,
) => { readonly host: string; readonly port: number } | undefined;

/** Telegram closes a delivery that takes longer. */
const deliveryTimeoutMilliseconds = 60_000;
const firstRetryMilliseconds = 250;
const longestRetryMilliseconds = 5_000;

/** Delivers updates to the registered webhook, each until it is answered with a 2xx status, as Telegram does. */
export class WebhookSender {
  webhook: Webhook | undefined;
  private nextUpdateId = 700_000_001;
  private readonly pending = new Set<number>();
  private readonly resolveHost: ResolveHost;
  private readonly signal: AbortSignal;
  lastError: string | undefined;

  constructor(resolveHost: ResolveHost, signal: AbortSignal) {
    this.resolveHost = resolveHost;
    this.signal = signal;
  }

  get pendingCount(): number {
    return this.pending.size;
  }

  deliver(update: object): void {
    const updateId = this.nextUpdateId++;
    this.pending.add(updateId);
    this.deliverUntilAccepted({ update_id: updateId, ...update })
      .catch(() => undefined) // only the twin's end stops a delivery
      .finally(() => this.pending.delete(updateId));
  }

  private async deliverUntilAccepted(update: object): Promise<void> {
    let pause = firstRetryMilliseconds;
    while (!(await this.deliverOnce(update))) {
      await delay(pause, undefined, { signal: this.signal, ref: false });
      pause = Math.min(pause * 2, longestRetryMilliseconds);
    }
  }

  private async deliverOnce(update: object): Promise<boolean> {
    const { webhook } = this;
    if (webhook === undefined) return false;
    const url = new URL(webhook.url);
    const address = this.resolveHost(url.hostname, Number(url.port || 443));
    if (address === undefined) {
      this.lastError = `Failed to resolve host: ${url.hostname}`;
      return false;
    }
    try {
      // The load balancer's certificate is simulated: TLS ends before the twin.
      const response = await fetch(`http://${address.host}:${address.port}${url.pathname}${url.search}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(webhook.secretToken === undefined ? {} : { 'x-telegram-bot-api-secret-token': webhook.secretToken }),
        },
        body: JSON.stringify(update),
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(deliveryTimeoutMilliseconds)]),
      });
      await response.body?.cancel();
      this.lastError = response.ok ? undefined : `Wrong response from the webhook: ${response.status}`;
      return response.ok;
    } catch (error) {
      this.lastError = `Connection failed: ${(error as Error).message}`;
      return false;
    }
  }
}
