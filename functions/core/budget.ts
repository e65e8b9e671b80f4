/**
 * How many grants of an app a user is believed to have at Salesforce, and whether one more would evict one of them.
 *
 * Believed: what we store, what was superseded or refused and is not revoked yet, and recent orphans: attempts that were
 * never settled, whose tokens (if there are any) nobody holds. Facts §1: five for a user and app, the oldest goes
 * silently; some report that only four are safe.
 */
import type { Connection } from './connection.ts';
import { type Ledger, type LedgerEntry, outcomeOf } from './ledger.ts';
import { exchangeLostMs } from './time-limits.ts';

export interface Budget {
  readonly limit: number;
  /** 1, or 0 where nothing is stored or what is stored is dead. */
  readonly stored: number;
  /** Not kept, and not revoked yet: we can end them. */
  readonly owed: number;
  /** Nobody holds their tokens: only a person can end them, in Salesforce Setup. */
  readonly orphans: number;
}

/** An unused grant of partner apps idles out after thirty days (facts §2); older orphans are not counted. */
export const orphanCountsMs = 30 * 24 * 3_600_000;

export function budgetOf(
  connection: Connection | undefined,
  ledger: Ledger | undefined,
  limit: number,
  now: number,
): Budget {
  const lives = connection?.grant !== undefined && connection.status !== 'reauthorization_required';
  const owed = new Set(Object.values(connection?.duties ?? {}).flatMap((duty) => refreshTokenOf(duty)));
  for (const entry of ledger?.entries ?? []) {
    if (isRefusedAndLives(entry) && entry.id !== connection?.grant?.id) owed.add(entry.id);
  }
  // Taken for lost in an adoption, it may have come back from the lifeboat.
  const liveId = lives ? connection.grant.id : undefined;
  return { limit, stored: lives ? 1 : 0, owed: owed.size, orphans: orphansOf(ledger, now, liveId) };
}

/** Exchanges under way, or broken off a moment ago: each may have made a grant, or be about to. */
export function underWayOf(ledger: Ledger | undefined, now: number): number {
  return (ledger?.entries ?? []).filter((entry) => outcomeOf(entry, now) === 'exchanging').length;
}

/** One more grant would evict one, or might. */
export function isSpent({ limit, stored, owed, orphans }: Budget, underWay = 0): boolean {
  return stored + owed + orphans + underWay + 1 > limit;
}

/** One more is left, or none: two grants from now something is evicted. */
export function isNear({ limit, stored, owed, orphans }: Budget): boolean {
  return stored + owed + orphans >= limit - 1;
}

/** So it would even if we revoked all that we can. */
export function isFilledByOrphans({ limit, stored, orphans }: Budget): boolean {
  return stored + orphans + 1 > limit;
}

function refreshTokenOf(duty: Connection['duties'][string]): string[] {
  return duty.kind === 'revoke' && duty.tokenPurpose === 'refresh' ? [duty.grantId] : [];
}

/** Its revocation is owed by the session that obtained it. */
function isRefusedAndLives(entry: LedgerEntry): boolean {
  const { outcome, revokedAt, givenUpAt } = entry;
  return outcome === 'refused' && revokedAt === undefined && givenUpAt === undefined && !isOfAnother(entry);
}

/** Refused for the very reason that another user authorized: it counts to that one's limit, and not to this one's. */
export function isOfAnother({ reason }: LedgerEntry): boolean {
  return reason === 'wrong_org' || reason === 'wrong_user';
}

/** Where Salesforce's own list was read since the last of them, that counts. */
function orphansOf(ledger: Ledger | undefined, now: number, liveId?: string): number {
  const believed = (ledger?.entries ?? []).filter((entry) => entry.id !== liveId && isOrphan(entry, now));
  const { at, listed, held } = ledger?.comparison ?? {};
  if (at === undefined || listed === undefined || held === undefined) return believed.length;
  // One whose revocation was given up was held until then.
  const since = believed.filter(({ begunAt, givenUpAt }) => (givenUpAt ?? begunAt + exchangeLostMs) > at);
  return now - at > orphanCountsMs ? believed.length : Math.max(0, listed - held) + since.length;
}

function isOrphan(entry: LedgerEntry, now: number): boolean {
  if (now - (entry.givenUpAt ?? entry.begunAt) > orphanCountsMs) return false;
  if (isOfAnother(entry)) return false;
  return entry.givenUpAt !== undefined || outcomeOf(entry, now) === 'orphaned';
}
