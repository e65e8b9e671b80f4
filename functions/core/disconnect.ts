/**
 * A disconnect: the connection is unreadable at once, its tokens move into a duty to revoke them, and a tombstone stays.
 * `disconnectedAt` is never removed: a code answer begun before it does not revive the connection.
 */
import type { Connection } from './connection.ts';
import type { Duty } from './duty.ts';
import { revokeDutyId } from './settle-refresh.ts';
import { revocationOf } from './store-grant.ts';

/** `undefined`: it is disconnected already. */
export function decideDisconnect(connection: Connection, now: number): Connection | undefined {
  const { grant } = connection;
  if (connection.status === 'disconnected' && grant === undefined) return undefined;
  const owed: Record<string, Duty> =
    grant === undefined ? {} : { [revokeDutyId(grant.id)]: revocationOf(grant, now, now, 'disconnected') };
  return {
    ...connection,
    status: 'disconnected',
    cause: undefined,
    grant: undefined,
    nextRefreshAt: undefined,
    disconnectedAt: now,
    duties: { ...withoutAlerts(connection.duties), ...owed },
  };
}

/** Nobody needs to hear of what is wrong with a connection that was given up. */
function withoutAlerts(duties: Readonly<Record<string, Duty>>): Record<string, Duty> {
  return Object.fromEntries(Object.entries(duties).filter(([, duty]) => duty.kind !== 'alert'));
}
