/** How long a command may wait for its agent. How long its script may run is `timeoutSeconds` in the document. */
export const deliverySeconds = 120;

/**
 * From the end of a command until its task is completed although the status event was lost: reconcile ignores commands
 * younger than a minute, runs every minute and may take a minute itself.
 */
const lostEventSeconds = 180;

/** run-command sends a command again that was not delivered (twice), and retries a failing start-command (four times). */
const retrySeconds = 900;

export interface CommandTimeLimits {
  /** How long a task waits for one command. */
  readonly commandTimeoutSeconds: number;
  /** How long run-command may take with its retries. */
  readonly retriedCommandTimeoutSeconds: number;
}

/**
 * Derives how long run-command waits from how long its slowest document may run (`timeoutSeconds` in document.json). Each
 * level waits longer than the level below, which knows the cause better and must report it first.
 */
export function commandTimeLimits(maxDocumentSeconds: number): CommandTimeLimits {
  const commandTimeoutSeconds = deliverySeconds + maxDocumentSeconds + lostEventSeconds;
  return { commandTimeoutSeconds, retriedCommandTimeoutSeconds: commandTimeoutSeconds + retrySeconds };
}
