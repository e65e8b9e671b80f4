/**
 * What becomes of a connection when the copied table that holds it is adopted: it goes on, or its tokens are given up.
 *
 * The copy holds the refresh token of an older moment. Where another was issued since, to use the older one, or to revoke
 * it, would end the newer one's grant: it is taken out of the item, never sent, never revoked, and somebody authorizes
 * again. Where rotation is off, a refresh leaves the token as it is.
 */
import type { Connection } from './connection.ts';
import type { Grant } from './grant.ts';

/** The cause of `reauthorization_required`. Leaves with the next authorization. */
export const restoredBackup = 'restored_backup';

export type Evidence =
  /** The table that it was copied of, at rest; `undefined`: the connection is not there. */
  | { readonly kind: 'original'; readonly connection: Connection | undefined }
  /** That table cannot be read. */
  | { readonly kind: 'time'; readonly now: number };

export type WhyMarked = 'refreshed' | 'reauthorized' | 'disconnected' | 'missing' | 'due';
export type WhyKept = 'no_refresh_token' | 'not_rotating' | 'as_it_was' | 'not_due' | 'dead_already';

export type Adoption =
  | { readonly kind: 'mark'; readonly why: WhyMarked; readonly after: Connection }
  | { readonly kind: 'marked_before' }
  /** `after`: something of the original's is to be known here; absent: nothing to write. */
  | { readonly kind: 'keep'; readonly why: WhyKept; readonly after?: Connection };

export function decideAdoption(copy: Connection, evidence: Evidence): Adoption {
  const { grant } = copy;
  if (isGivenUp(copy)) return { kind: 'marked_before' };
  if (grant?.refreshToken === undefined) return { kind: 'keep', why: 'no_refresh_token' };
  return evidence.kind === 'original'
    ? byOriginal(copy, grant, evidence.connection)
    : byTime(copy, grant, evidence.now);
}

/** Its tokens are of a backup: nothing that is done with it may reach Salesforce. */
export function isGivenUp({ status, cause }: Pick<Connection, 'status' | 'cause'>): boolean {
  return status === 'reauthorization_required' && cause === restoredBackup;
}

function byOriginal(copy: Connection, grant: Grant, original: Connection | undefined): Adoption {
  if (original === undefined) return mark(copy, grant, 'missing');
  const newest = original.grant;
  if (newest === undefined) {
    const later = original.disconnectedAt !== undefined && copy.authorizedAt > original.disconnectedAt;
    return later ? { kind: 'keep', why: 'as_it_was' } : mark(copy, grant, 'disconnected');
  }
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
  const after: Connection = {
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
  return { kind: 'mark', why, after };
}

function sameAttempts({ attempts }: Grant, other: Grant): boolean {
  return attempts.map(({ id }) => id).join() === other.attempts.map(({ id }) => id).join();
}
