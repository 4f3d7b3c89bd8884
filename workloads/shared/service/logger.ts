import { pino } from 'pino';

export type Log = pino.Logger;

/** A Telegram token: the bot's number, a colon, and the secret part. */
const telegramToken = /\d{6,12}:[A-Za-z0-9_-]{30,}/g;

export interface ServiceLog {
  readonly log: Log;
  /** From now on these values never reach the output, whatever message or error holds them. */
  hide(...secrets: readonly string[]): void;
}

/**
 * JSON lines on stdout, from `info` up until `log.level` says otherwise. Every finished line is scrubbed, because tokens hide in places no field list covers: a failed
 * call to Telegram, for one, quotes its URL, and the URL contains the token.
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
 * Only what an error says. Its other fields stay out: libraries hang whole requests on their errors, with the
 * picture, the person and the secret in them.
 */
export function describeError(error: unknown): DescribedError | undefined {
  if (error === undefined || error === null) return undefined;
  if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
  const frames = error.stack?.slice(error.stack.indexOf('\n    at ') + 1);
  return { name: error.name, message: error.message, stack: frames, cause: describeError(error.cause) };
}
