/**
 * How often a message is tried before its consumer moves it to the dead letters, by queue. An attempt that is cut off (a
 * drained node, a killed pod) counts too.
 */
export const attempts = {
  /** Five minutes lie between them while the event bus is unavailable: docs/decisions/0050. */
  jobs: 5,
  /** With the growing pauses, ten attempts span more than twenty minutes without Telegram. */
  results: 10,
  downloads: 10,
  reminders: 10,
  events: 10,
} as const;
