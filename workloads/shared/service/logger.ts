import { pino } from 'pino';

export type Log = pino.Logger;

/** A Telegram token: the bot's number, a colon, and the secret part. */
const telegramToken = /\d{6,12}:[A-Za-z0-9_-]{30,}/g;

export interface ServiceLog {
  readonly log: Log;
  /** From now on these values are replaced in every line, whichever message or error contains them. */
  hide(...secrets: readonly string[]): void;
}

/**
 * JSON lines on stdout, from level `info` until `log.level` is set. Secrets are removed from each finished line rather than
 * from named fields, because they occur in unexpected places: an error of a failed call to Telegram, for example, quotes the
 * URL, and the URL contains the token.
 */
export function createLog(options: {
  readonly service: string;
  readonly destination?: pino.DestinationStream;
}): ServiceLog {
  const hidden = new Set<string>();
  const scrub = (line: string) => {
    let scrubbed = line.replace(telegramToken, '[hidden]');
    for (const secret of hidden) scrubbed = scrubbed.replaceAll(secret, '[hidden]');
    return scrubbed;
  };
  const log = pino(
    {
      base: { service: options.service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      hooks: { streamWrite: scrub },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
  return {
    log,
    hide(...secrets) {
      for (const secret of secrets) if (secret.length > 0) hidden.add(secret);
    },
  };
}

interface DescribedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: DescribedError | undefined;
}

/**
 * Name, message, stack and cause of an error. Its other properties are not logged: libraries attach whole requests to their
 * errors, with the image, the user's data and secrets in them.
 */
function describeError(error: unknown): DescribedError | undefined {
  if (error === undefined || error === null) return undefined;
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const frames = error.stack?.slice(error.stack.indexOf('\n    at ') + 1);
  return { name: error.name, message: error.message, stack: frames, cause: describeError(error.cause) };
}
