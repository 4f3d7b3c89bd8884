import type { BusEvent } from './bus.ts';
import type { Pattern } from './pattern.ts';

export interface Archive {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  /** undefined: every event of the bus is kept. */
  readonly pattern: Pattern | undefined;
  /** 0: indefinitely. */
  readonly retentionDays: number;
  events: BusEvent[];
}
