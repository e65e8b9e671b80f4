/**
 * `grant_limit`: Salesforce keeps five grants of a user and app, and one more silently ends the oldest, or the least
 * recently used: both are documented (facts §1). Some report that only four are safe.
 *
 * Whoever evicted it came after it last lived. Where five are known to have been issued since then, both ways of choosing
 * end it. Orphans may have made no grant, and those from before its last use would have spared it as recently used.
 */
import { isOfAnother } from '../budget.ts';
import { type LedgerEntry, outcomeOf } from '../ledger.ts';
import { rfc3339 } from '../rfc3339.ts';
import { type Case, type Finding, otherFailuresOf, type Rule, unansweredOf } from './rule.ts';

/** Documented for every app; an app's own `grantLimit` may be set lower, to be safe. */
const documentedLimit = 5;

export const grantLimit: Rule = {
  cause: 'grant_limit',
  actor: 'user',
  remedy:
    "First stop what authorizes again and again; have the user's old entries of the app revoked (Setup > Connected Apps OAuth Usage, or the user's personal settings > OAuth Connected Apps). Then open one new connect link and authorize once.",
  find(it) {
    if (it.grantLimit === undefined) return undefined;
    const newer = newerThan(it);
    const since = newer.filter(({ begunAt }) => begunAt > it.aliveAt);
    if (since.length === 0) return undefined;
    const atOnce = mostAtOnce(newer, since);
    if (isCertain(it, since)) return found('certain', it, atOnce);
    if (atOnce.length < it.grantLimit) return undefined;
    // Enough were there before its last use, and it lived on: either they are none, or they do not end it.
    const survived = newer.length - since.length >= it.grantLimit;
    return survived ? found('possible', it, atOnce, survivedWords(it)) : found('likely', it, atOnce);
  },
};

/** Those that Salesforce may hold, or held when it died, and that were authorized after it. */
function newerThan({ ledger, grant, connection, deadAt, now }: Case): readonly LedgerEntry[] {
  const entries = ledger?.entries ?? [];
  const begunAt = entries.find(({ id }) => id === grant.id)?.begunAt ?? connection.authorizedAt;
  return entries.filter((entry) => {
    if (entry.id === grant.id || isOfAnother(entry) || entry.begunAt <= begunAt || entry.begunAt > deadAt) return false;
    return isIssued(entry) || outcomeOf(entry, now) === 'orphaned';
  });
}

function isIssued({ outcome }: LedgerEntry): boolean {
  return outcome === 'stored' || outcome === 'refused';
}

/** The most that lived together when one of those was issued that may have evicted it. */
function mostAtOnce(newer: readonly LedgerEntry[], evictors: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const sets = evictors.map(({ begunAt }) =>
    newer.filter((one) => one.begunAt <= begunAt && (one.revokedAt === undefined || one.revokedAt > begunAt)),
  );
  return sets.reduce((most, one) => (one.length > most.length ? one : most), []);
}

/** Within that time a revocation was tried several times: one whose answer was lost would be known by then. */
const revocationTriedMs = 15 * 60_000;

/** A request that failed for now may have counted as a use, and then another one was used less recently. */
function isCertain(it: Case, since: readonly LedgerEntry[]): boolean {
  const known = since.filter((one) => isIssued(one) && livedAt(it.deadAt, one));
  return known.length >= documentedLimit && otherFailuresOf(it) === 0 && unansweredOf(it).length === 0;
}

function livedAt(instant: number, { begunAt, revokedAt }: LedgerEntry): boolean {
  return begunAt + revocationTriedMs <= instant && (revokedAt === undefined || revokedAt > instant);
}

function found(
  confidence: Finding['confidence'],
  it: Case,
  atOnce: readonly LedgerEntry[],
  more: readonly string[] = [],
): Finding {
  const issued = atOnce.filter(isIssued).length;
  const since = atOnce.filter(({ begunAt }) => begunAt > it.aliveAt).length;
  const [first, last] = [atOnce[0]?.begunAt ?? it.deadAt, atOnce.at(-1)?.begunAt ?? it.deadAt];
  return {
    confidence,
    evidence: [
      `${atOnce.length} newer authorizations of the same user and app are in the ledger, begun from ${rfc3339(first)} to ${rfc3339(last)}; Salesforce keeps ${it.grantLimit}, and one more ends the oldest or the least recently used.`,
      `${issued} of them are known to have been issued and not revoked; ${atOnce.length - issued} broke off before an answer was kept, and may have been.`,
      `${since} of them came after the grant was last used, at ${rfc3339(it.aliveAt)}.`,
      ...more,
    ],
  };
}

function survivedWords({ aliveAt }: Case): readonly string[] {
  return [
    `Against it: as many had been there before, and the grant was refreshed all the same at ${rfc3339(aliveAt)}.`,
  ];
}
