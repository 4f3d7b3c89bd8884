/**
 * How often a message is tried before its consumer gives it up, by queue. Being cut off (a drained node, a killed pod)
 * costs an attempt too.
 */
export const attempts = {
  /** With five minutes between them while the event bus is away: 0050. */
  jobs: 5,
  /** With the pauses between, they outlast twenty minutes without Telegram. */
  results: 10,
  reminders: 10,
  events: 10,
} as const;
