/**
 * When tokens count as live, and when a connection is looked at next.
 *
 * A connection read since its last refresh is refreshed at 75 % of its session; an idle one once a day, or at half the
 * idle limit that its app states for refresh tokens, if that is sooner. Failures back off with full jitter, an hour at
 * most, for ever.
 */
import type { Grant } from './grant.ts';

/** Salesforce's default session timeout; assumed until introspection says otherwise (facts §6). */
export const assumedSessionMs = 2 * 3_600_000;
/** A token handed out lives this much longer, at least. */
const handOutMarginMs = 60_000;
const refreshShare = 0.75;
const idleIntervalMs = 24 * 3_600_000;
const jitterShare = 0.1;
/** However short a session is: each refresh costs Salesforce one. */
const shortestIntervalMs = 60_000;

const backoffBaseMs = 5_000;
const backoffCapMs = 3_600_000;

/**
 * The times of tokens issued at `issuedAt` and handed to us at `now`, in a session of this length.
 *
 * What Salesforce just handed out lives: where `issued_at` says that it ended already, it is a session that was used
 * and so extended, and counts from now.
 */
export function sessionTimes(
  issuedAt: number,
  lengthMs: number,
  now: number,
): { expiresAt: number; refreshAfter: number } {
  const start = issuedAt + lengthMs <= now + handOutMarginMs ? now : issuedAt;
  return { expiresAt: start + lengthMs, refreshAfter: start + Math.floor(lengthMs * refreshShare) };
}

/**
 * The next look after a success. `fraction` in [0, 1) moves it up to a tenth of the interval earlier.
 *
 * @param idleLimitMs how long a refresh token may idle before Salesforce ends it. @default no limit
 */
export function nextRefreshAfterSuccess(
  grant: Pick<Grant, 'refreshedAt' | 'refreshAfter'>,
  inUse: boolean,
  fraction: number,
  idleLimitMs = Number.POSITIVE_INFINITY,
): number {
  const idleAt = grant.refreshedAt + Math.min(idleIntervalMs, idleLimitMs / 2);
  // In use, a session longer than that limit must not outlast it either.
  const target = Math.floor(inUse ? Math.min(grant.refreshAfter, idleAt) : idleAt);
  const interval = Math.max(0, target - grant.refreshedAt);
  return Math.max(target - Math.floor(interval * jitterShare * fraction), grant.refreshedAt + shortestIntervalMs);
}

/** Full jitter: uniform up to the doubled ceiling, never under a second. */
export function backoffMs(failures: number, fraction: number): number {
  const ceiling = Math.min(backoffCapMs, backoffBaseMs * 2 ** Math.min(failures, 20));
  return Math.max(1_000, Math.floor(ceiling * fraction));
}

/** The longest session timeout that Salesforce has, and so the longest that a token can live unused (facts §6). */
const longestSessionMs = 24 * 3_600_000;

/**
 * True for a token past its `expiresAt`, which is a lower bound, that may still live, while Salesforce fails to give a
 * newer one: better than none, and said to be stale.
 */
export function mayStillLive(grant: Grant, now: number): boolean {
  const { lastFailure, identityChanged, rejectedRefreshes, refreshes, issuedAt, failures } = grant;
  if (identityChanged === true || rejectedRefreshes === refreshes || failures === 0) return false;
  const salesforceFails = lastFailure !== undefined && ['transient', 'busy', 'unknown'].includes(lastFailure.class);
  return salesforceFails && now + handOutMarginMs < issuedAt + longestSessionMs;
}

/** True while the access token may be handed out: ours, not rejected, and alive for a margin at least. */
export function isServable(grant: Grant, now: number): boolean {
  if (grant.identityChanged === true) return false;
  return grant.rejectedRefreshes !== grant.refreshes && now + handOutMarginMs < grant.expiresAt;
}
