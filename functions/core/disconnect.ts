/**
 * A disconnect: the connection is unreadable at once, its tokens move into a duty to revoke them, and a tombstone stays.
 * `disconnectedAt` is never removed: a code answer begun before it does not revive the connection.
 */

import type { Connection } from './connection.ts';
import type { Duty } from './duty.ts';
import { withoutFailure } from './failing.ts';
import { isGivenUp } from './given-up.ts';
import type { Grant } from './grant.ts';
import { revocationGivenUp } from './revocation.ts';
import { revokeDutyId } from './settle-superseded.ts';
import { revocationOf } from './store-grant.ts';

/**
 * A repeated one moves the instant on: an authorization begun between the two does not revive the connection either.
 *
 * @param asOf when it was asked for: what was authorized later revives the connection
 */
export function decideDisconnect(connection: Connection, now: number, asOf: number = now): Connection {
  // Never back: another process's clock may be ahead.
  const disconnectedAt = Math.max(asOf, connection.disconnectedAt ?? 0);
  return { ...withoutGrant(connection, now), disconnectedAt };
}

/**
 * A connection that nobody uses: its tokens move into a duty to revoke them. No tombstone, unlike a disconnect: who is
 * authorizing at this instant asks for it, and gets it. `undefined`: there is nothing to give up, or somebody may be about
 * to use it.
 *
 * @param ownDutyId of the link duty under which this is decided, which ends with it: where another link is open, that one
 * decides when it ends, and no two of them leave it to each other
 */
export function decideAbandon(connection: Connection, now: number, ownDutyId?: string): Connection | undefined {
  const { grant } = connection;
  if (grant === undefined) return undefined;
  const duties = Object.fromEntries(Object.entries(connection.duties).filter(([id]) => id !== ownDutyId));
  if (hasOpenLink(duties)) return ownDutyId === undefined ? undefined : { ...connection, duties };
  return withoutGrant({ ...connection, duties }, now);
}

/** Its tokens move into a duty to revoke them, and what was to be told of it is told no more. */
function withoutGrant(connection: Connection, now: number): Connection {
  const { grant } = connection;
  const owed = grant === undefined ? {} : owedFor(connection, grant, now);
  const ended = withoutFailure(connection);
  return {
    ...ended,
    status: 'disconnected',
    cause: undefined,
    grant: undefined,
    nextRefreshAt: undefined,
    duties: { ...withoutAlerts(ended.duties), ...owed },
  };
}

/** What a restored backup brought is not revoked: it may end what was issued since. */
function owedFor(connection: Connection, grant: Grant, now: number): Record<string, Duty> {
  if (isGivenUp(connection)) return {};
  return { [revokeDutyId(grant.id)]: revocationOf(grant, now, now, 'disconnected') };
}

export function hasOpenLink(duties: Connection['duties']): boolean {
  return Object.values(duties).some(({ kind }) => kind === 'link');
}

/** Nobody needs to hear of what is wrong with a connection that was given up; but that a grant of it lives on. */
function withoutAlerts(duties: Readonly<Record<string, Duty>>): Record<string, Duty> {
  const stays = (duty: Duty) => duty.kind !== 'alert' || duty.cause === revocationGivenUp;
  return Object.fromEntries(Object.entries(duties).filter(([, duty]) => stays(duty)));
}
