/**
 * What becomes of a connection when the copied table that holds it is adopted: it goes on, or its tokens are given up.
 *
 * The copy holds the refresh token of an older moment. Where another was issued since, to use the older one, or to revoke
 * it, would end the newer one's grant: it is taken out of the item, never sent, never revoked, and somebody authorizes
 * again. Where rotation is off, a refresh leaves the token as it is.
 */
import type { Connection } from './connection.ts';
import { decideDisconnect } from './disconnect.ts';
import { isGivenUp, restoredBackup } from './given-up.ts';
import type { Grant } from './grant.ts';
import { revokeDutyId } from './settle-superseded.ts';

export type Evidence =
  /**
   * The table that it was copied of, at rest. `connection` absent: it is not there. `isCertain`: the table's own id says
   * that it is that one; else somebody did.
   */
  | { readonly kind: 'original'; readonly connection: Connection | undefined; readonly isCertain: boolean }
  /** A copy that waited to take this table's place, and hands it back. It may have been told to disconnect meanwhile. */
  | { readonly kind: 'waiting'; readonly connection: Connection | undefined; readonly now: number }
  /** That table cannot be read. */
  | { readonly kind: 'time'; readonly now: number };

export type WhyMarked = 'refreshed' | 'reauthorized' | 'missing' | 'due';
export type WhyKept = 'no_refresh_token' | 'not_rotating' | 'as_it_was' | 'only_here' | 'not_due' | 'dead_already';

export type Adoption =
  | { readonly kind: 'mark'; readonly why: WhyMarked; readonly after: Connection }
  | { readonly kind: 'marked_before' }
  /** Somebody wanted it ended, in the other table. */
  | { readonly kind: 'end'; readonly why: 'disconnected'; readonly after: Connection }
  /** `after`: something of the original's is to be known here; absent: nothing to write. */
  | { readonly kind: 'keep'; readonly why: WhyKept; readonly after?: Connection };

export function decideAdoption(copy: Connection, evidence: Evidence): Adoption {
  const { grant } = copy;
  if (evidence.kind === 'waiting') return ofWaiting(copy, evidence.connection, evidence.now);
  if (evidence.kind === 'original' && isEndedIn(evidence.connection, copy)) return end(copy, evidence.connection);
  if (isGivenUp(copy)) return { kind: 'marked_before' };
  if (grant?.refreshToken === undefined) return { kind: 'keep', why: 'no_refresh_token' };
  if (evidence.kind === 'time') return byTime(copy, grant, evidence.now);
  if (evidence.connection !== undefined) return byOriginal(copy, grant, evidence.connection);
  // Nobody can hold a newer token of it, unless the table is another than it is said to be.
  return evidence.isCertain ? { kind: 'keep', why: 'only_here' } : mark(copy, grant, 'missing');
}

/** Disconnected, or given up because nobody used it, after what the copy holds was authorized. */
function isEndedIn(original: Connection | undefined, copy: Connection): original is Connection {
  if (original === undefined || original.grant !== undefined || copy.grant === undefined) return false;
  // One that nobody used is given up without an instant of its own; an earlier disconnect says nothing of it.
  return copy.authorizedAt <= Math.max(original.disconnectedAt ?? 0, original.authorizedAt);
}

/** As it is there. What the copy holds of it was revoked there; where that is still owed, nobody does it there any more. */
function end(copy: Connection, original: Connection): Adoption {
  const { grant } = copy;
  const { disconnectedAt = copy.disconnectedAt, forgottenAt = copy.forgottenAt } = original;
  const before = grant === undefined || isOwedIn(original, grant) ? copy : givenUp(copy, grant);
  const after = { ...decideDisconnect(before, disconnectedAt ?? 0), disconnectedAt, forgottenAt };
  return { kind: 'end', why: 'disconnected', after };
}

/** With the very token that the copy holds: an older one may end nothing, and would be taken for revoked. */
function isOwedIn({ duties }: Connection, { id, refreshes }: Grant): boolean {
  const duty = duties[revokeDutyId(id)];
  return duty?.kind === 'revoke' && duty.refreshes === refreshes;
}

/** This table holds the newest tokens. A disconnect that was asked of the other while it waited is made up for. */
function ofWaiting(own: Connection, waiting: Connection | undefined, now: number): Adoption {
  const askedAt = waiting?.disconnectedAt;
  const isNews = askedAt !== undefined && askedAt > (own.disconnectedAt ?? 0) && own.authorizedAt <= askedAt;
  if (!isNews || !isEndedIn(waiting, own)) return { kind: 'keep', why: 'as_it_was' };
  return { kind: 'end', why: 'disconnected', after: decideDisconnect(own, now, askedAt) };
}

function byOriginal(copy: Connection, grant: Grant, original: Connection): Adoption {
  const newest = original.grant;
  // Ended there, before this one was authorized.
  if (newest === undefined) return { kind: 'keep', why: 'as_it_was' };
  if (newest.id !== grant.id) {
    const isNewer = original.authorizedAt >= copy.authorizedAt;
    return isNewer ? mark(copy, grant, 'reauthorized') : { kind: 'keep', why: 'as_it_was' };
  }
  if (newest.refreshes > grant.refreshes) {
    return newest.rotates === true ? mark(copy, grant, 'refreshed') : { kind: 'keep', why: 'not_rotating' };
  }
  // Given up there as well, by an earlier adoption.
  if (isGivenUp(original) && newest.refreshes === grant.refreshes) return mark(copy, grant, 'refreshed');
  if (newest.refreshes < grant.refreshes || newest.attempts.length === 0) return { kind: 'keep', why: 'as_it_was' };
  // An answer may lie in the lifeboat: whoever refreshes looks there only where an attempt is open.
  const after = { ...copy, grant: { ...grant, attempts: newest.attempts } };
  return sameAttempts(grant, newest) ? { kind: 'keep', why: 'as_it_was' } : { kind: 'keep', why: 'as_it_was', after };
}

/** Nobody tells which were refreshed: all that were to be. A read hastens a refresh, so the earlier instant counts. */
function byTime(copy: Connection, grant: Grant, now: number): Adoption {
  if (copy.status === 'reauthorization_required') return { kind: 'keep', why: 'dead_already' };
  const mayRotate = grant.rotates === true || grant.refreshes === 0;
  if (!mayRotate) return { kind: 'keep', why: 'not_rotating' };
  const dueAt = Math.min(grant.refreshAfter, copy.nextRefreshAt ?? grant.refreshAfter);
  return dueAt <= now ? mark(copy, grant, 'due') : { kind: 'keep', why: 'not_due' };
}

function mark(copy: Connection, grant: Grant, why: WhyMarked): Adoption {
  return { kind: 'mark', why, after: givenUp(copy, grant) };
}

function givenUp(copy: Connection, grant: Grant): Connection {
  return {
    ...copy,
    status: 'reauthorization_required',
    cause: restoredBackup,
    nextRefreshAt: undefined,
    grant: {
      ...grant,
      refreshToken: undefined,
      lease: undefined,
      attempts: [],
      deadSince: undefined,
      death: undefined,
    },
  };
}

function sameAttempts({ attempts }: Grant, other: Grant): boolean {
  return attempts.map(({ id }) => id).join() === other.attempts.map(({ id }) => id).join();
}
