/** What the local stack uses of dynalite, which comes without types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Not listening yet. Its `close` also closes the database. */
  export default function dynalite(options: {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
