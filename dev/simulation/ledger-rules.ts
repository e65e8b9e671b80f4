/** The ledger against Salesforce's books: what may be written of a grant, and what must stand there at rest. */
import { entriesAtMost, type Ledger, type LedgerEntry, outcomeOf } from '../../functions/core/ledger.ts';
import { processOf } from './ids.ts';
import type { Monitor } from './monitor.ts';
import type { BookGrant } from './salesforce-books.ts';

const promise = 'the ledger agrees';

/** Nothing is noted as revoked before it is; nothing as failed that Salesforce made. */
export function checkLedgerWrite(monitor: Monitor, before: Ledger | undefined, after: Ledger): void {
  const known = new Map(before?.entries.map((entry) => [entry.id, entry]));
  for (const entry of after.entries) {
    const grant = monitor.exchanged.get(processOf(entry.id));
    const was = known.get(entry.id);
    if (grant === undefined) continue;
    if (entry.revokedAt !== undefined && was?.revokedAt === undefined && grant.alive && monitor.holds(grant)) {
      monitor.breaks(promise, `grant ${grant.number} is noted as revoked, and it lives`);
    }
    if (entry.outcome === 'failed' && was?.outcome !== 'failed') {
      monitor.breaks(promise, `grant ${grant.number} is noted as failed, and Salesforce made it`);
    }
    if (was?.outcome !== undefined && entry.outcome !== was.outcome) {
      monitor.breaks(promise, `grant ${grant.number} was ${was.outcome} and is ${entry.outcome}`);
    }
  }
}

/** Every grant that Salesforce made stands in one ledger, with what became of it. */
export function judgeLedgers(monitor: Monitor): void {
  const found = new Map<number, LedgerEntry[]>();
  let full = false;
  for (const { entries } of monitor.ledgers.values()) {
    full ||= entries.length >= entriesAtMost;
    for (const entry of entries) {
      const process = processOf(entry.id);
      found.set(process, [...(found.get(process) ?? []), entry]);
    }
  }
  for (const [process, grant] of monitor.exchanged) {
    const [entry, ...more] = withoutLost(found.get(process) ?? []);
    if (more.length > 0) monitor.breaks(promise, `grant ${grant.number} stands in ${more.length + 1} ledgers`);
    if (entry !== undefined) judgeEntry(monitor, entry, grant);
    else if (!full) monitor.breaks(promise, `grant ${grant.number} stands in no ledger`);
  }
}

/**
 * An orphan is anybody's: whoever comes back for its integration is taken for its user, and after a death the next one as
 * well. What is found so late that it was taken for lost by then stands there, too.
 */
function withoutLost(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const known = entries.filter(({ outcome }) => outcome !== undefined);
  return known.length > 0 ? known : entries.slice(0, 1);
}

function judgeEntry(monitor: Monitor, entry: LedgerEntry, grant: BookGrant): void {
  const { number } = grant;
  const outcome = outcomeOf(entry, monitor.world.now());
  const expected = expectedOf(monitor, grant);
  if (outcome !== expected) monitor.breaks(promise, `grant ${number} is ${expected}, and is noted as ${outcome}`);
  // Where every answer was lost for seven days, nobody here knows that it was revoked.
  if (grant.endedBy === 'revoked' && entry.revokedAt === undefined && entry.givenUpAt === undefined) {
    monitor.breaks(promise, `grant ${number} was revoked, and that is not noted`);
  }
  const holder = [...monitor.connections.values()].find((one) => one.grant?.id === entry.id);
  const current = holder !== undefined;
  // Superseded by what was given up since: its connection says which is current, and nobody reads the mark of that one.
  const wasSuperseded =
    entry.supersededAt !== undefined && (monitor.letGo.get(holder?.id ?? '') ?? 0) <= grant.issuedAt;
  if (current && (wasSuperseded || entry.revokedAt !== undefined)) {
    monitor.breaks(promise, `grant ${number} is stored, and is noted as superseded or revoked`);
  }
  const over = entry.supersededAt ?? entry.revokedAt ?? entry.givenUpAt;
  if (outcome === 'stored' && !current && over === undefined) {
    monitor.breaks(promise, `grant ${number} is not stored any more, and nothing is noted of its end`);
  }
  if ((entry.givenUpAt !== undefined) !== monitor.givenUp.has(entry.id)) {
    monitor.breaks(
      promise,
      `grant ${number}: its revocation was ${entry.givenUpAt === undefined ? '' : 'not '}given up`,
    );
  }
}

function expectedOf({ stored, durable }: Monitor, { number }: BookGrant): string {
  if (stored.has(number)) return 'stored';
  return durable.has(number) ? 'refused' : 'orphaned';
}
