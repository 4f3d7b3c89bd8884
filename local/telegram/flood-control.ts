import { BotApiError } from './bot-api-error.ts';

interface Limit {
  readonly messages: number;
  readonly windowSeconds: number;
}

/**
 * Telegram documents 20 messages a minute to a group, and one a second to a person with short bursts, whose length it does not tell.
 * https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
 */
const limits: Readonly<Record<'private' | 'supergroup', Limit>> = {
  private: { messages: 30, windowSeconds: 30 },
  supergroup: { messages: 20, windowSeconds: 60 },
};

/** Refuses a bot's messages to one chat when there are too many of them. */
export class FloodControl {
  readonly #limit: Limit;
  readonly #now: () => number;
  #sentAt: number[] = [];

  /** @param now Unix milliseconds */
  constructor(type: keyof typeof limits, now: () => number = Date.now) {
    this.#limit = limits[type];
    this.#now = now;
  }

  /** @throws BotApiError 429 with the seconds to wait */
  admit(): void {
    const now = this.#now();
    const windowMilliseconds = this.#limit.windowSeconds * 1000;
    this.#sentAt = this.#sentAt.filter((at) => at > now - windowMilliseconds);
    if (this.#sentAt.length < this.#limit.messages) {
      this.#sentAt.push(now);
      return;
    }
    const seconds = Math.max(1, Math.ceil((this.#sentAt[0]! + windowMilliseconds - now) / 1000));
    throw new BotApiError(429, `Too Many Requests: retry after ${seconds}`, seconds);
  }
}
