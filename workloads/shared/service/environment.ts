import { z } from 'zod';

/** One line for each variable that is missing or wrong: its name, its value and what is allowed. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';
}

/** Reads and checks a service's settings, once, at start. @throws InvalidEnvironmentError naming every wrong variable. */
export function readEnvironment<T extends z.ZodType>(schema: T, environment: NodeJS.ProcessEnv): z.output<T> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return Object.freeze(parsed.data) as z.output<T>;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? 'environment');
    const value = environment[name];
    return value === undefined ? `${name} is not set: it ${issue.message}` : `${name}=${value} ${issue.message}`;
  });
  throw new InvalidEnvironmentError(lines.join('\n'));
}

export const portNumber = (byDefault: number) =>
  z.coerce
    .number({ error: 'must be a port number' })
    .int('must be a port number')
    .min(0, 'must be a port number')
    .max(65_535, 'must be a port number')
    .default(byDefault);

/** A whole number from 1 to `max`. */
export const wholeNumber = (byDefault: number, max: number) =>
  z.coerce
    .number({ error: `must be a whole number from 1 to ${max}` })
    .int(`must be a whole number from 1 to ${max}`)
    .min(1, `must be a whole number from 1 to ${max}`)
    .max(max, `must be a whole number from 1 to ${max}`)
    .default(byDefault);

/** @param what completes the sentence "it must be ...". */
export const required = (what: string) =>
  z.string({ error: `must be ${what}` }).min(1, `must not be empty: it must be ${what}`);

/** @param what completes the sentence "it must be ...". */
export const httpUrl = (what: string) => z.url({ protocol: /^https?$/, error: `must be ${what}` });

export const logLevel = z
  .enum(['trace', 'debug', 'info', 'warn', 'error'], { error: 'must be trace, debug, info, warn or error' })
  .default('info');

/** What `serve` needs of every service's settings. */
export const serviceSettings = {
  /** Address to listen on; in the cluster the pod's own. */
  HOST: z.string().min(1).default('0.0.0.0'),
  LOG_LEVEL: logLevel,
  /** Probes and metrics; not reachable from outside of the cluster. */
  INTERNAL_PORT: portNumber(9090),
};

/** What polybot and yolo5 share: the bucket, the queues and the bus between them. */
export const imagePipelineSettings = {
  /** The bus that takes the services' events. */
  EVENT_BUS_NAME: required('the name of the event bus'),
  PICTURES_BUCKET: required('the name of the pictures bucket'),
  JOBS_QUEUE_URL: httpUrl('the URL of the jobs queue'),
  RESULTS_QUEUE_URL: httpUrl('the URL of the results queue'),
};
