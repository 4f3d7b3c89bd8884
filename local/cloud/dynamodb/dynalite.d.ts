/** dynalite ships no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Milliseconds that a table stays CREATING, DELETING or UPDATING. Without `path` everything is kept in memory. */
  export default function dynalite(options: {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
    readonly path?: string;
  }): Server;
}
