/**
 * The grants of a connection that we know of, newest first: times, outcomes and fingerprints, never tokens. From the ledger,
 * and from the connection itself where the ledger of an earlier release lacks one.
 */
import { budgetOf } from './budget.ts';
import type { Connection } from './connection.ts';
import type { RevokeDuty } from './duty.ts';
import { comparisonSummary } from './grant-comparison.ts';
import { type EntryOutcome, type GrantComparison, type Ledger, type LedgerEntry, outcomeOf } from './ledger.ts';
import { rfc3339 } from './rfc3339.ts';

export interface GrantBook {
  readonly ledger: Ledger | undefined;
  /** Of the app. */
  readonly limit: number;
  readonly now: number;
}

export function presentGrants(connection: Connection, book: GrantBook): Record<string, unknown> {
  const { ledger, limit, now } = book;
  const { stored, owed, orphans } = budgetOf(connection, ledger, limit, now);
  return {
    grants: grantsOf(connection, book).map(present),
    ...(ledger?.comparison === undefined ? {} : { grants_at_salesforce: presentComparison(ledger.comparison) }),
    grant_budget: { limit, believed: stored + owed + orphans },
  };
}

/** What is known of one; an entry of the ledger knows more than the connection does. */
type KnownGrant = Omit<LedgerEntry, 'outcome' | 'begunAt' | 'sessionId'> & {
  readonly outcome: EntryOutcome;
  readonly begunAt?: number;
  readonly current: boolean;
  readonly refreshes?: number;
  readonly revocationDueAt?: number;
};

function grantsOf(connection: Connection, { ledger, now }: GrantBook): KnownGrant[] {
  const duties = revocationsOf(connection);
  const entered = (ledger?.entries ?? []).map(
    (entry): KnownGrant => ({
      ...entry,
      ...standingOf(connection, duties, entry.id),
      outcome: outcomeOf(entry, now),
    }),
  );
  const known = new Set(entered.map(({ id }) => id));
  const missing = missingIn(connection, duties).filter(({ id }) => !known.has(id));
  return [...entered, ...missing].sort((a, b) => beginOf(b) - beginOf(a) || (a.id < b.id ? 1 : -1));
}

function standingOf({ grant }: Connection, duties: ReadonlyMap<string, RevokeDuty>, id: string) {
  const current = grant?.id === id;
  return { current, refreshes: current ? grant.refreshes : undefined, revocationDueAt: duties.get(id)?.dueAt };
}

function missingIn(connection: Connection, duties: ReadonlyMap<string, RevokeDuty>): KnownGrant[] {
  const { grant, authorizedAt } = connection;
  const stored = grant === undefined ? [] : [{ id: grant.id, outcome: 'stored' as const, authorizedAt }];
  const owed = [...duties.values()].map(({ grantId, reason, since }) => ({
    id: grantId,
    outcome: reason === 'superseded' || reason === 'disconnected' ? ('stored' as const) : ('refused' as const),
    supersededAt: reason === 'superseded' ? since : undefined,
  }));
  const all = [...stored, ...owed.filter(({ id }) => id !== grant?.id)];
  return all.map((one) => ({ ...one, ...standingOf(connection, duties, one.id) }));
}

function revocationsOf({ duties }: Connection): ReadonlyMap<string, RevokeDuty> {
  const found = Object.values(duties).flatMap((duty): [string, RevokeDuty][] =>
    duty.kind === 'revoke' ? [[duty.grantId, duty]] : [],
  );
  return new Map(found);
}

function beginOf({ begunAt, authorizedAt, supersededAt }: KnownGrant): number {
  return begunAt ?? authorizedAt ?? supersededAt ?? 0;
}

function present(grant: KnownGrant): Record<string, unknown> {
  return withoutUndefined({
    id: grant.id,
    outcome: grant.outcome,
    current: grant.current,
    begun_at: instant(grant.begunAt),
    authorized_at: instant(grant.authorizedAt),
    settled_at: instant(grant.settledAt),
    reason: grant.reason,
    fingerprint: grant.fingerprint,
    refreshes: grant.refreshes,
    superseded_at: instant(grant.supersededAt),
    revoked_at: instant(grant.revokedAt),
    revocation_due_at: instant(grant.revocationDueAt),
    revocation_given_up_at: instant(grant.givenUpAt),
  });
}

function presentComparison(comparison: GrantComparison): Record<string, unknown> {
  const { at, listed, held, note } = comparison;
  return withoutUndefined({
    compared_at: rfc3339(at),
    summary: comparisonSummary(comparison),
    listed,
    held,
    not_held: listed === undefined || held === undefined ? undefined : Math.max(0, listed - held),
    note,
  });
}

function instant(at: number | undefined): string | undefined {
  return at === undefined ? undefined : rfc3339(at);
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
