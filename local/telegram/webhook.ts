/** https://core.telegram.org/bots/api#setwebhook */
import { setTimeout as delay } from 'node:timers/promises';

export interface Webhook {
  readonly url: string;
  /** Sent with each update in the header X-Telegram-Bot-Api-Secret-Token. */
  readonly secretToken: string | undefined;
  readonly allowedUpdates: readonly string[];
  /** The bot has uploaded a certificate to trust. It is not used: TLS is simulated. */
  readonly hasCustomCertificate: boolean;
}

/** Where a host and port of the public internet are reached on this machine; undefined while nothing listens there. */
export type ResolveHost = (
  hostname: string,
  port: number,
) => { readonly host: string; readonly port: number } | undefined;

const deliveryTimeoutMilliseconds = 60_000;
const maxRetryDelayMilliseconds = 5_000;

/** Delivers updates to the bot's webhook. An update is repeated until the response has a 2xx status, as Telegram does. */
export class WebhookSender {
  webhook: Webhook | undefined;
  /** Of the latest delivery, for getWebhookInfo. */
  lastError: string | undefined;
  readonly #resolveHost: ResolveHost;
  readonly #signal: AbortSignal;
  readonly #firstRetryDelayMilliseconds: number;
  /** Ids of updates that have not been accepted yet. */
  readonly #pending = new Set<number>();
  #nextUpdateId = 700_000_001;

  /** @param signal ends all deliveries when it is aborted */
  constructor(resolveHost: ResolveHost, signal: AbortSignal, firstRetryDelayMilliseconds: number) {
    this.#resolveHost = resolveHost;
    this.#signal = signal;
    this.#firstRetryDelayMilliseconds = firstRetryDelayMilliseconds;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  deliver(update: object): void {
    const updateId = this.#nextUpdateId++;
    this.#pending.add(updateId);
    this.#deliverUntilAccepted({ update_id: updateId, ...update })
      .catch(() => undefined) // rejects only when the signal is aborted
      .finally(() => this.#pending.delete(updateId));
  }

  async #deliverUntilAccepted(update: object): Promise<void> {
    let delayMilliseconds = this.#firstRetryDelayMilliseconds;
    while (!(await this.#deliverOnce(update))) {
      await delay(delayMilliseconds, undefined, { signal: this.#signal, ref: false });
      delayMilliseconds = Math.min(delayMilliseconds * 2, maxRetryDelayMilliseconds);
    }
  }

  /** @returns whether the update was accepted */
  async #deliverOnce(update: object): Promise<boolean> {
    const { webhook } = this;
    if (webhook === undefined) return false;
    const url = new URL(webhook.url);
    const address = this.#resolveHost(url.hostname, Number(url.port || 443));
    if (address === undefined) {
      this.lastError = `Failed to resolve host: ${url.hostname}`;
      return false;
    }
    try {
      // Plain HTTP: on AWS the load balancer would terminate TLS before the request reaches the cluster.
      const response = await fetch(`http://${address.host}:${address.port}${url.pathname}${url.search}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(webhook.secretToken === undefined ? {} : { 'x-telegram-bot-api-secret-token': webhook.secretToken }),
        },
        body: JSON.stringify(update),
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(deliveryTimeoutMilliseconds)]),
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
