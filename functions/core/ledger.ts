/**
 * The ledger of grants: every authorization attempt, recorded before its exchange and settled after it.
 *
 * Salesforce revokes a user's oldest grant silently when one too many is given, and shows nobody how many there are. So
 * we count: an attempt that was never settled may have made a grant whose token we do not hold (an *orphan*). Holds
 * fingerprints, never tokens. Bounded: the oldest entries that no longer count go first.
 *
 * Before the exchange the user may be unknown: the attempt then stands in the ledger of its integration, and moves to the
 * connection's when somebody comes back for that integration.
 *
 * Times are milliseconds since the epoch.
 */
import type { StoredAuthorization } from './duty.ts';
import type { IntegrationKey } from './store-port.ts';
import { exchangeLostMs } from './time-limits.ts';
import type { Versioned } from './versioned.ts';

export interface Ledger extends Versioned {
  /** A connection id, or `attemptsIdOf` an integration. */
  readonly id: string;
  /** Oldest first, at most `entriesAtMost`. */
  readonly entries: readonly LedgerEntry[];
  /** Of an integration's: the connection whose ledger its entries moved to last. */
  readonly movedTo?: string;
  /** Salesforce's own list, where it was asked for. */
  readonly comparison?: GrantComparison;
}

export interface LedgerEntry {
  /** Of the code exchange, and of the grant that it may have made. */
  readonly id: string;
  readonly sessionId: string;
  readonly begunAt: number;
  /** `failed`: Salesforce made no grant. `refused`: it did, and we do not keep it. Absent: never settled. */
  readonly outcome?: 'stored' | 'refused' | 'failed';
  readonly settledAt?: number;
  /** No answer came: nobody will settle it. */
  readonly lostAt?: number;
  /** Why it was refused or failed: a stable code. */
  readonly reason?: string;
  /** `issued_at` of the code response. */
  readonly authorizedAt?: number;
  /** The first 16 hex digits of the SHA-256 of its first refresh token. */
  readonly fingerprint?: string;
  readonly supersededAt?: number;
  readonly revokedAt?: number;
  /** Its revocation failed for seven days: it may live on at Salesforce. */
  readonly givenUpAt?: number;
}

/** What Salesforce said about a user's grants of this app, beside what we hold. */
export interface GrantComparison {
  readonly at: number;
  /** Absent: it could not be asked, and `note` says why. */
  readonly listed?: number;
  /** Stored, and superseded but not yet revoked, at that instant. */
  readonly held?: number;
  readonly note?: string;
}

export const entriesAtMost = 25;

export type EntryOutcome = 'exchanging' | 'stored' | 'refused' | 'failed' | 'orphaned';

export function outcomeOf(entry: LedgerEntry, now: number): EntryOutcome {
  if (entry.outcome !== undefined) return entry.outcome;
  return entry.lostAt !== undefined || isOverdue(entry, now) ? 'orphaned' : 'exchanging';
}

function isOverdue({ begunAt }: LedgerEntry, now: number): boolean {
  return begunAt + exchangeLostMs < now;
}

/** Salesforce may still be acting on it, whether or not anybody waits for the answer. */
export function isUnderWay(entry: LedgerEntry, now: number): boolean {
  return entry.outcome === undefined && !isOverdue(entry, now);
}

/** Where attempts of an integration stand whose user is not known beforehand. */
export function attemptsIdOf(app: string, { tenant, integration }: IntegrationKey): string {
  return `${app}/${tenant}/${integration}`;
}

/** Before the exchange. `undefined`: it stands there already. */
export function withAttempt(ledger: Ledger | undefined, id: string, entry: LedgerEntry): Ledger | undefined {
  if (ledger?.entries.some((one) => one.id === entry.id)) return undefined;
  return withEntries(ledger, id, [...(ledger?.entries ?? []), entry]);
}

/** `undefined`: it is not there, or was noted. */
export function withLoss(ledger: Ledger | undefined, id: string, now: number): Ledger | undefined {
  const known = ledger?.entries.find((one) => one.id === id);
  if (ledger === undefined || known === undefined || known.lostAt !== undefined) return undefined;
  return { ...ledger, entries: ledger.entries.map((one) => (one === known ? { ...one, lostAt: now } : one)) };
}

export type Settlement = Pick<LedgerEntry, 'id'> & Partial<Omit<LedgerEntry, 'id'>>;

/** What became of an attempt. One that is not there (bounded away, or of the release before) is entered anew. */
export function settled(ledger: Ledger | undefined, id: string, settlement: Settlement & EntryBasics): Ledger {
  const entries = ledger?.entries ?? [];
  const known = entries.find((one) => one.id === settlement.id);
  if (known === undefined) return withEntries(ledger, id, [...entries, settlement]);
  // The first settlement says when: a duty may settle it again, much later.
  const { settledAt } = known;
  const after = { ...known, ...withoutUndefined(settlement), ...(settledAt === undefined ? {} : { settledAt }) };
  return withEntries(
    ledger,
    id,
    entries.map((one) => (one === known ? after : one)),
  );
}

type EntryBasics = Pick<LedgerEntry, 'sessionId' | 'begunAt'>;

/** The authorization is stored, or was older than the one that is; what it replaced is superseded. */
export function withAuthorization(
  ledger: Ledger | undefined,
  id: string,
  grant: StoredAuthorization,
  sessionId: string,
  adopted: readonly LedgerEntry[],
  now: number,
): Ledger {
  const { begunAt, authorizedAt, fingerprint } = grant;
  // Found once more in the lifeboat, long after it was stored, superseded and revoked, it is no older one.
  const wasStored = ledger?.entries.some((one) => one.id === grant.id && one.outcome === 'stored') === true;
  const outcome = wasStored ? 'stored' : grant.outcome;
  const reason = outcome === 'refused' ? (grant.reason ?? 'older_authorization') : undefined;
  const known = new Set(ledger?.entries.map((one) => one.id));
  const strangers = adopted.filter((one) => one.id !== grant.id && !known.has(one.id));
  const joined = withEntries(ledger, id, [...(ledger?.entries ?? []), ...strangers]);
  const own = { id: grant.id, sessionId, begunAt, authorizedAt, outcome, fingerprint, reason, settledAt: now };
  const after = settled(joined, id, own);
  return { ...after, entries: after.entries.map((one) => supersededBy(one, after.entries, now)) };
}

/** Of all that were stored, the newest authorization alone is not superseded (ties by grant id, as in the store). */
function supersededBy(entry: LedgerEntry, all: readonly LedgerEntry[], now: number): LedgerEntry {
  if (entry.outcome !== 'stored' || entry.supersededAt !== undefined) return entry;
  const newer = all.some((one) => one.outcome === 'stored' && isNewer(one, entry));
  return newer ? { ...entry, supersededAt: now } : entry;
}

function isNewer(one: LedgerEntry, other: LedgerEntry): boolean {
  const [a, b] = [one.authorizedAt ?? one.begunAt, other.authorizedAt ?? other.begunAt];
  return a === b ? one.id > other.id : a > b;
}

/** Nobody will have more to say about it: it may move to another ledger. */
export function isSettledForGood(entry: LedgerEntry, now: number): boolean {
  const outcome = outcomeOf(entry, now);
  if (outcome === 'refused') return entry.revokedAt !== undefined || entry.givenUpAt !== undefined;
  return outcome === 'failed' || outcome === 'orphaned';
}

/** Takes attempts out that stand in another ledger by now. `undefined`: none of them is here. */
export function withoutEntries(ledger: Ledger, ids: ReadonlySet<string>, movedTo?: string): Ledger | undefined {
  const entries = ledger.entries.filter((one) => !ids.has(one.id));
  if (entries.length === ledger.entries.length) return undefined;
  return { ...ledger, entries, ...(movedTo === undefined ? {} : { movedTo }) };
}

/** The ledger that an entry moved to, where it is not here any more. */
export function movedFrom(ledger: Ledger | undefined, entryId: string): string | undefined {
  return ledger?.entries.some(({ id }) => id === entryId) ? undefined : ledger?.movedTo;
}

/** `undefined`: nothing to note, for it is not there or was noted. */
export function withRevocation(
  ledger: Ledger | undefined,
  grantId: string,
  end: 'revokedAt' | 'givenUpAt',
  now: number,
): Ledger | undefined {
  const known = ledger?.entries.find((one) => one.id === grantId);
  if (ledger === undefined || known === undefined || known[end] !== undefined) return undefined;
  return { ...ledger, entries: ledger.entries.map((one) => (one === known ? { ...one, [end]: now } : one)) };
}

export function withComparison(ledger: Ledger | undefined, id: string, comparison: GrantComparison): Ledger {
  return { ...withEntries(ledger, id, ledger?.entries ?? []), comparison };
}

function withEntries(ledger: Ledger | undefined, id: string, entries: readonly LedgerEntry[]): Ledger {
  const ordered = [...entries].sort((a, b) => a.begunAt - b.begunAt);
  return { version: 1, revision: 0, writeId: '', ...ledger, id, entries: bounded(ordered) };
}

/** What is over goes first; where all still count, the oldest does. */
function bounded(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const surplus = entries.length - entriesAtMost;
  if (surplus <= 0) return entries;
  const over = entries.filter(isOver);
  const gone = new Set([...over, ...entries.filter((one) => !isOver(one))].slice(0, surplus));
  return entries.filter((one) => !gone.has(one));
}

/** No grant of it can live any more. */
function isOver({ outcome, revokedAt }: LedgerEntry): boolean {
  return outcome === 'failed' || revokedAt !== undefined;
}

function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
