/** Writes a code answer where it belongs: by the callback, or by `maintain` out of the lifeboat. */
import type { Connection } from '../core/connection.ts';
import { foreseeExpiry, tokenLimitsOf, tryBeforeIdleEnd } from '../core/expiry-ahead.ts';
import type { Ports } from '../core/ports.ts';
import { decideStoreGrant, type NewAuthorization } from '../core/store-grant.ts';
import { change, type Persistence } from './change.ts';

/** `stored`: as the connection's grant, or as a duty to revoke where a newer one was there first. */
export async function storeGrant(
  ports: Pick<Ports, 'config' | 'store' | 'clock' | 'random'>,
  incoming: NewAuthorization,
  persist?: Persistence,
): Promise<{ result: 'stored' | 'disconnected'; connection: Connection | undefined }> {
  const fraction = ports.random.fraction();
  const { result, item } = await change<string, Connection, 'stored' | 'disconnected'>(
    ports.store.connections,
    incoming.connectionId,
    (current) => {
      const now = ports.clock.now();
      const decision = decideStoreGrant(current, incoming, now, fraction);
      switch (decision.kind) {
        case 'store': {
          const limits = tokenLimitsOf(ports.config.apps[incoming.app]);
          const after = foreseeExpiry(tryBeforeIdleEnd(decision.after, limits, now), limits, now);
          return { write: after, result: 'stored' };
        }
        case 'older':
          return { write: decision.after, result: 'stored' };
        case 'stored':
          return { keep: true, result: 'stored' };
        case 'disconnected':
          return { keep: true, result: 'disconnected' };
      }
    },
    { writeId: `${incoming.grant.id}.store`, persist },
  );
  return { result, connection: item };
}
