/** Who sent a message, as far as limits, quota and deletion go. https://core.telegram.org/bots/api#message */
export interface SentMessage {
  readonly chat: { readonly id: number };
  readonly from?: { readonly id: number } | undefined;
  /** Set when a chat speaks: an anonymous administrator (the group itself), a channel. */
  readonly sender_chat?: { readonly id: number } | undefined;
}

/** In front of a chat's number: 19 digits, more than any user's number has. */
const chatPrefix = '9';
const chatDigits = 18;

/**
 * Digits that stand for the sender. Anonymous administrators and channels share one `from` with all others of their kind, so the chat
 * that speaks counts; without either, the chat of the message.
 */
export function senderIdOf({ chat, from, sender_chat: senderChat }: SentMessage): string {
  const speaking = senderChat ?? from ?? chat;
  if (speaking.id > 0) return String(speaking.id);
  return chatPrefix + String(-speaking.id).padStart(chatDigits, '0');
}
