/**
 * The grants of a connection that we know of, newest first: times, outcomes and fingerprints, never tokens. From the ledger,
 * and from the connection itself where the ledger of an earlier release lacks one.
 */
import { budgetOf } from './budget.ts';
import type { Connection } from './connection.ts';
import type { RevokeDuty } from './duty.ts';
import type { Grant } from './grant.ts';
import { comparisonSummary } from './grant-comparison.ts';
import { type EntryOutcome, type GrantComparison, type Ledger, type LedgerEntry, outcomeOf } from './ledger.ts';
import { rfc3339 } from './rfc3339.ts';

export interface GrantBook {
  readonly ledger: Ledger | undefined;
  /** Of the app; absent: the configuration has it no more, or nothing counts to one. */
  readonly limit: number | undefined;
  readonly now: number;
}

export function presentGrants(connection: Connection, book: GrantBook): Record<string, unknown> {
  const { ledger, limit } = book;
  return {
    grants: grantsOf(connection, book).map(present),
    ...(ledger?.comparison === undefined ? {} : { grants_at_salesforce: presentComparison(ledger.comparison) }),
    ...(limit === undefined ? {} : { grant_budget: presentBudget(connection, book, limit) }),
  };
}

function presentBudget(connection: Connection, { ledger, now }: GrantBook, limit: number): Record<string, unknown> {
  const { stored, owed, orphans } = budgetOf(connection, ledger, limit, now);
  return { limit, believed: stored + owed + orphans };
}

/** What is known of one; an entry of the ledger knows more than the connection does. */
type KnownGrant = Omit<LedgerEntry, 'outcome' | 'sessionId'> & {
  readonly outcome: EntryOutcome;
  readonly current: boolean;
  readonly refreshes?: number;
  readonly revocationDueAt?: number;
};

function grantsOf(connection: Connection, { ledger, now }: GrantBook): KnownGrant[] {
  const owed = revocationsOf(connection);
  const entered = (ledger?.entries ?? []).map((entry): KnownGrant => {
    const known = { ...entry, outcome: outcomeOf(entry, now), current: false };
    return { ...known, revocationDueAt: owed.get(entry.id)?.dueAt };
  });
  const ids = new Set(entered.map(({ id }) => id));
  const all = [...entered, ...missingIn(connection, owed).filter(({ id }) => !ids.has(id))];
  return all
    .map((one) => (one.id === connection.grant?.id ? asCurrent(one, connection, connection.grant) : one))
    .sort((a, b) => b.begunAt - a.begunAt || Number(b.current) - Number(a.current));
}

/** What the connection says of its own grant stands, whether or not the ledger has heard of it. */
function asCurrent(
  { id, begunAt, settledAt, fingerprint, outcome }: KnownGrant,
  { authorizedAt }: Connection,
  { refreshes }: Grant,
): KnownGrant {
  const settled = outcome === 'stored' ? { settledAt } : {};
  return { id, outcome: 'stored', current: true, begunAt, authorizedAt, ...settled, fingerprint, refreshes };
}

/** When they began is not known: at the latest then. */
function missingIn({ grant, authorizedAt }: Connection, owed: ReadonlyMap<string, RevokeDuty>): KnownGrant[] {
  const stored: KnownGrant[] =
    grant === undefined
      ? []
      : [{ id: grant.id, outcome: 'stored', current: true, begunAt: authorizedAt, authorizedAt }];
  const others = [...owed.values()].map(({ grantId, reason, since, dueAt }): KnownGrant => {
    const superseded = reason === 'superseded';
    const outcome = superseded || reason === 'disconnected' ? 'stored' : 'refused';
    const supersededAt = superseded ? since : undefined;
    return { id: grantId, outcome, current: false, begunAt: since, supersededAt, revocationDueAt: dueAt };
  });
  return [...stored, ...others.filter(({ id }) => id !== grant?.id)];
}

function revocationsOf({ duties }: Connection): ReadonlyMap<string, RevokeDuty> {
  const found = Object.values(duties).flatMap((duty): [string, RevokeDuty][] =>
    duty.kind === 'revoke' ? [[duty.grantId, duty]] : [],
  );
  return new Map(found);
}

function present(grant: KnownGrant): Record<string, unknown> {
  return withoutUndefined({
    id: grant.id,
    outcome: grant.outcome,
    current: grant.current,
    begun_at: rfc3339(grant.begunAt),
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
