/**
 * A disconnect: the connection is unreadable at once, its tokens move into a duty to revoke them, and a tombstone stays.
 * `disconnectedAt` is never removed: a code answer begun before it does not revive the connection.
 */
import type { Connection } from './connection.ts';
import type { Duty } from './duty.ts';
import { revokeDutyId } from './settle-refresh.ts';
import { revocationOf } from './store-grant.ts';

/** A repeated one moves the instant on: an authorization begun between the two does not revive the connection either. */
export function decideDisconnect(connection: Connection, now: number): Connection {
  const { grant } = connection;
  const owed: Record<string, Duty> =
    grant === undefined ? {} : { [revokeDutyId(grant.id)]: revocationOf(grant, now, now, 'disconnected') };
  return {
    ...connection,
    status: 'disconnected',
    cause: undefined,
    grant: undefined,
    nextRefreshAt: undefined,
    // Never back: another process's clock may be ahead.
    disconnectedAt: Math.max(now, connection.disconnectedAt ?? 0),
    duties: { ...withoutAlerts(connection.duties), ...owed },
  };
}

/**
 * A connection that nobody uses: its tokens move into a duty to revoke them. No tombstone, unlike a disconnect: who is
 * authorizing at this instant asks for it, and gets it. `undefined`: there is nothing to give up, or somebody may be about
 * to use it.
 *
 * @param ownDutyId of the link duty under which this is decided
 */
export function decideAbandon(connection: Connection, now: number, ownDutyId?: string): Connection | undefined {
  const { grant, duties } = connection;
  const toBeLinked = Object.entries(duties).some(([id, { kind }]) => kind === 'link' && id !== ownDutyId);
  if (grant === undefined || toBeLinked) return undefined;
  const owed = { [revokeDutyId(grant.id)]: revocationOf(grant, now, now, 'disconnected') };
  return {
    ...connection,
    status: 'disconnected',
    cause: undefined,
    grant: undefined,
    nextRefreshAt: undefined,
    duties: { ...withoutAlerts(duties), ...owed },
  };
}

/** Nobody needs to hear of what is wrong with a connection that was given up. */
function withoutAlerts(duties: Readonly<Record<string, Duty>>): Record<string, Duty> {
  return Object.fromEntries(Object.entries(duties).filter(([, duty]) => duty.kind !== 'alert'));
}
