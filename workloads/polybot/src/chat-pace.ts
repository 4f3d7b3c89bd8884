/** What is sent to a chat, and how much room it needs to leave for what matters more. */
export type Urgency = 'answer' | 'apology';

interface Pace {
  /** Unix milliseconds of what was sent within the last window, oldest first. */
  sent: number[];
  /** Unix milliseconds until which Telegram wants nothing. */
  pausedUntil: number;
}

interface Limit {
  readonly messages: number;
  readonly windowSeconds: number;
}

/** Telegram's limits: 20 messages a minute to a group, about one a second to a person. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const groupLimit: Limit = { messages: 20, windowSeconds: 60 };
const privateLimit: Limit = { messages: 30, windowSeconds: 30 };
/** Apologies leave this much of a chat's room to answers. */
const keptForAnswers = 5;
/** Groups have negative ids. */
const limitOf = (chatId: number) => (chatId < 0 ? groupLimit : privateLimit);
/** More chats than this are forgotten, the ones that were silent longest first. */
const rememberedChats = 5_000;

/**
 * The pace of messages to each chat, in one pod: Telegram's documented limits, and the pauses that it asks for. What finds no room is
 * told when to come back, and holds up no other chat meanwhile.
 */
export class ChatPace {
  readonly #chats = new Map<number, Pace>();
  readonly #now: () => number;

  /** @param now Unix milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Takes room for one message. @returns 0, or the seconds after which there is room */
  take(chatId: number, urgency: Urgency): number {
    const now = this.#now();
    const pace = this.#paceOf(chatId);
    if (pace.pausedUntil > now) return (pace.pausedUntil - now) / 1000;
    const { messages, windowSeconds } = limitOf(chatId);
    const windowMilliseconds = windowSeconds * 1000;
    pace.sent = pace.sent.filter((at) => at > now - windowMilliseconds);
    const room = urgency === 'answer' ? messages : messages - keptForAnswers;
    if (pace.sent.length < room) {
      pace.sent.push(now);
      return 0;
    }
    return (pace.sent[pace.sent.length - room]! + windowMilliseconds - now) / 1000;
  }

  /** Telegram wants nothing for this chat for so long. */
  pause(chatId: number, seconds: number): void {
    const pace = this.#paceOf(chatId);
    pace.pausedUntil = Math.max(pace.pausedUntil, this.#now() + seconds * 1000);
  }

  #paceOf(chatId: number): Pace {
    const pace = this.#chats.get(chatId) ?? { sent: [], pausedUntil: 0 };
    this.#chats.delete(chatId);
    this.#chats.set(chatId, pace);
    const oldest = this.#chats.keys().next();
    if (this.#chats.size > rememberedChats && !oldest.done) this.#chats.delete(oldest.value);
    return pace;
  }
}
