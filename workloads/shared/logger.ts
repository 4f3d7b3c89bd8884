import { pino } from 'pino';

export type Log = pino.Logger;

/** A Telegram token: the bot's number, a colon, and the secret part. */
const telegramToken = /\b\d{6,12}:[A-Za-z0-9_-]{30,}/g;

export interface ServiceLog {
  readonly log: Log;
  /** From now on these values never reach the output, whatever message or error holds them. */
  hide(...secrets: readonly string[]): void;
}

/**
 * JSON lines on stdout. Every finished line is scrubbed, because tokens hide in places no field list covers: telegraf's
 * errors, for one, quote the URL of the failed call, and the URL contains the token.
 */
export function createLog(options: {
  readonly service: string;
  readonly level: string;
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
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
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
