import { z } from 'zod';

const instanceId = z.string().regex(/^i-[0-9a-f]{17}$/, 'must be an EC2 instance id');
const ofWorker = (kind: 'drain' | 'replace' | 'interrupt' | 'kill') =>
  z.strictObject({ action: z.literal(kind), instanceId });

/** The longest step of the clock: a year. */
const maxDays = 365;

/** What a person does to the cluster and to its surroundings from the page. */
export const action = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('scale'), workers: z.int().min(0).max(50) }),
  /** Empties the worker; it stays. */
  ofWorker('drain'),
  /** Empties the worker, and its group puts another one in its place. */
  ofWorker('replace'),
  /** EC2 takes it back as a spot instance, two minutes after a warning. */
  ofWorker('interrupt'),
  /** Its instance ends without a word. */
  ofWorker('kill'),
  z.strictObject({ action: z.literal('moveClock'), days: z.int().min(1).max(maxDays) }),
]);
export type Action = z.output<typeof action>;
