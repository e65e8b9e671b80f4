/** Writes that a connection's refresh waits for its app: one write for each, once for as long as the app is refused. */
import type { Connection } from '../core/connection.ts';
import { foreseeExpiry, tokenLimitsOf } from '../core/expiry-ahead.ts';
import { newId } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import { decidePostponement } from '../core/postponement.ts';
import { change } from './change.ts';

export async function postpone(
  ports: Pick<Ports, 'config' | 'clock' | 'random' | 'store'>,
  connection: Connection,
  until: number,
): Promise<void> {
  const fraction = ports.random.fraction();
  await change<string, Connection, undefined>(
    ports.store.connections,
    connection.id,
    (current) => {
      const now = ports.clock.now();
      const after = current && decidePostponement(current, until, now, fraction);
      if (after === undefined) return { keep: true, result: undefined };
      return { write: foreseeExpiry(after, tokenLimitsOf(ports.config.apps[after.app]), now), result: undefined };
    },
    { writeId: `${newId(ports.random)}.postpone`, seen: connection },
  );
}
