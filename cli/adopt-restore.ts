/**
 * `npx grantkeeper adopt-restore`: takes a restored table into use. Marks the connections whose tokens were replaced since,
 * then, last, writes that the table's items are its own: whoever dies in between leaves it stopped, and a repeat goes on.
 *
 * A table that still stands is retired first: its item then names the copy, so that what runs on it stops by the same
 * check, and only one of the two is ever in use.
 */
import { type Adoption, decideAdoption } from '../functions/core/adopt.ts';
import type { Connection } from '../functions/core/connection.ts';
import { type Ledger, withRevocation } from '../functions/core/ledger.ts';
import { rfc3339 } from '../functions/core/rfc3339.ts';
import { adoptionId, identityOf, retirementId } from '../functions/core/table-identity.ts';
import { change } from '../functions/flows/change.ts';
import type { AdoptRestoreOptions } from './adopt-restore-line.ts';
import { adoptionReport, type Counts, type Lost } from './adoption-report.ts';
import type { AdoptionTable, AdoptionWorld } from './adoption-world.ts';
import { CommandError } from './command-error.ts';
import { type Copy, findOriginal, type Original, type StandingOriginal, type WaitingCopy } from './find-original.ts';
import type { Report } from './signing-key.ts';

/** A process believes for two minutes that the table is its own, its function lives a minute, and its lease 75 s. */
export const retireSettlesMs = 5 * 60_000;
const atOnce = 16;

/** This machine's clock beside those of the functions and of DynamoDB. */
const clocksDifferMs = 2_000;

/** What is decided by: of the copy, of what it was made of, and the moment of the copy as far as it is known. */
interface Known {
  readonly copy: Copy;
  readonly original: Original;
  readonly restoredTo: number | undefined;
}

/** Throws `CommandError` where the person must decide or mend something, and what the store throws. */
export async function adoptRestore(options: AdoptRestoreOptions, world: AdoptionWorld): Promise<Report> {
  const table = world.table(options.table);
  const described = await table.records.describe();
  if (described === undefined) throw new CommandError(`There is no table ${options.table} here, or it is being made.`);
  const copy: Copy = { described, item: await table.records.read() };
  if (copy.item?.tableId === described.tableId) {
    return { good: true, lines: [`${options.table} holds its own items; there is nothing to adopt.`] };
  }
  const original = await findOriginal(world, copy, options.original);
  const known: Known = { copy, original, restoredTo: options.restoredTo ?? described.restored?.at };
  await claimPlace(world, known, options);
  const ids = new Set<string>();
  const counts = await adoptAll(world, table, known, options.dryRun, ids);
  const lost = original.kind === 'stands' ? await onlyIn(original.table, ids) : undefined;
  if (!options.dryRun) await conclude(table, copy, world.now());
  return { good: true, lines: adoptionReport(options, original, counts, lost) };
}

/** Throws where the other table may be in use. */
async function claimPlace(world: AdoptionWorld, known: Known, options: AdoptRestoreOptions): Promise<void> {
  const { original, copy, restoredTo } = known;
  switch (original.kind) {
    case 'stands':
      return retire(world, original, copy, options);
    case 'waiting':
      return options.dryRun ? undefined : dismiss(original, copy, world.now());
    case 'out_of_reach':
      requireStopped(world, original.why, options);
      return requireTime(original.why, restoredTo, world.now());
    case 'gone':
      return requireTime(original.why, restoredTo, world.now());
  }
}

/** The check cannot reach it: a person has to know. */
function requireStopped(world: AdoptionWorld, why: string, { originalStopped, dryRun }: AdoptRestoreOptions): void {
  if (originalStopped) return;
  const words = `${why} If a stack runs on it, it would lose its grants to this copy. A copy for a test must stay as it is. If nothing runs on it any more, and nothing ever will, add --original-stopped.`;
  if (!dryRun) throw new CommandError(words);
  world.say(words);
}

/**
 * It must not be adopted by another run at the same time. Each run writes into the other's item before its own, over what
 * it read: of two that cross, one is refused.
 */
async function dismiss({ table, item }: WaitingCopy, own: Copy, now: number): Promise<void> {
  const writeId = `waits-no-more.${own.described.tableId}`;
  const written =
    item === undefined
      ? await table.records.create(identityOf(own.described, now, writeId))
      : await table.records.replace(item, { ...item, revision: item.revision + 1, writeId });
  if (written === 'conflict') throw changedMeanwhile(table.name);
}

function changedMeanwhile(name: string): CommandError {
  return new CommandError(`The identity of ${name} was changed at the same time; run it again.`);
}

function requireTime(why: string, restoredTo: number | undefined, now: number): void {
  if (restoredTo === undefined) {
    throw new CommandError(`${why} Say to which moment the copy was restored: --restored-to 2026-03-01T12:00:00Z.`);
  }
  if (restoredTo > now) throw new CommandError(`--restored-to ${rfc3339(restoredTo)} lies ahead.`);
}

async function retire(
  world: AdoptionWorld,
  { table, item, retiredAt, described }: StandingOriginal,
  copy: Copy,
  { retireOriginal, dryRun, table: copyName }: AdoptRestoreOptions,
): Promise<void> {
  if (retiredAt === undefined && !retireOriginal) {
    const words = `${table.name} (${described.tableId}), which ${copyName} was copied of, is still there: a stack that runs on it would lose its grants to this copy.`;
    if (!dryRun) throw new CommandError(`${words} A copy for a test must stay as it is. ${howToRetire}`);
    return world.say(`${words} ${howToRetire}`);
  }
  if (dryRun) return;
  const since = retiredAt ?? world.now();
  const successor = identityOf(copy.described, since, retirementId(copy.described.tableId));
  // Anew where an earlier run did it: who gives the place back meanwhile is refused (`dismiss`).
  const written =
    item === undefined
      ? await table.records.create(successor)
      : await table.records.replace(item, { ...successor, adoptedFrom: item.adoptedFrom, revision: item.revision + 1 });
  if (written === 'conflict') throw changedMeanwhile(table.name);
  if (item === undefined) world.say(`${table.name} is of an older release, which does not stop: stop its stack now.`);
  const leftMs = since + retireSettlesMs - world.now();
  if (leftMs <= 0) return;
  world.say(`${table.name} is retired. Waiting ${Math.ceil(leftMs / 1_000)} s until nothing runs on it.`);
  await world.wait(leftMs);
}

const howToRetire =
  'To put it in the place of the other, stop the stack there, or point it to this table, and add --retire-original.';

/** @param ids gets those of all connections */
async function adoptAll(
  world: AdoptionWorld,
  table: AdoptionTable,
  known: Known,
  dryRun: boolean,
  ids: Set<string>,
): Promise<Counts> {
  const counts: Counts = {};
  for await (const page of table.pages()) {
    for (let from = 0; from < page.length; from += atOnce) {
      const some = page.slice(from, from + atOnce);
      for (const { id } of some) ids.add(id);
      const adoptions = await Promise.all(some.map((one) => adoptOne(world, table, known, dryRun, one)));
      for (const adoption of adoptions) {
        const why = adoption.kind === 'marked_before' ? adoption.kind : adoption.why;
        counts[why] = (counts[why] ?? 0) + 1;
      }
    }
  }
  return counts;
}

async function adoptOne(
  world: AdoptionWorld,
  table: AdoptionTable,
  known: Known,
  dryRun: boolean,
  seen: Connection,
): Promise<Adoption> {
  const { original } = known;
  const other =
    original.kind === 'stands' || original.kind === 'waiting'
      ? await original.table.connections.read(seen.id)
      : undefined;
  const decide = (current: Connection) => decided(current, other, known, world.now());
  if (dryRun) return decide(seen);
  const { result } = await change<string, Connection, Adoption>(
    table.connections,
    seen.id,
    (current = seen) => {
      const adoption = decide(current);
      const after = adoption.kind === 'marked_before' ? undefined : adoption.after;
      return after === undefined ? { keep: true, result: adoption } : { write: after, result: adoption };
    },
    { writeId: `adopt.${known.copy.described.tableId}`, seen },
  );
  const isGivenUp = result.kind === 'mark' || result.kind === 'marked_before';
  if (isGivenUp && seen.grant !== undefined) await countAsLost(world, table, known, seen.id, seen.grant.id);
  return result;
}

/** It may live on at Salesforce, held by nobody, and counts to the user's limit. */
async function countAsLost(
  world: AdoptionWorld,
  { ledgers }: AdoptionTable,
  { copy }: Known,
  connectionId: string,
  grantId: string,
): Promise<void> {
  await change<string, Ledger, undefined>(
    ledgers,
    connectionId,
    (current) => {
      const after = withRevocation(current, grantId, 'givenUpAt', world.now());
      return after === undefined ? { keep: true, result: undefined } : { write: after, result: undefined };
    },
    { writeId: `adopt.${copy.described.tableId}` },
  );
}

function decided(current: Connection, other: Connection | undefined, known: Known, now: number): Adoption {
  const { kind } = known.original;
  if (kind === 'waiting') return decideAdoption(current, { kind, connection: other, now });
  const isCertain = known.copy.item !== undefined;
  // An earlier release, which did not stop, may have run on the copy: what it refreshed is the copy's own.
  if (isLaterThanCopy(current, known)) {
    if (!isCertain) return { kind: 'keep', why: 'as_it_was' };
    if (kind !== 'stands') throw new CommandError(isOfLaterMoment(current, known.restoredTo ?? 0));
  }
  if (kind === 'stands') return decideAdoption(current, { kind: 'original', connection: other, isCertain });
  return decideAdoption(current, { kind: 'time', now });
}

function isLaterThanCopy({ grant }: Connection, { restoredTo }: Known): boolean {
  return grant !== undefined && restoredTo !== undefined && grant.refreshedAt > restoredTo + clocksDifferMs;
}

function isOfLaterMoment({ id, grant }: Connection, restoredTo: number): string {
  return `${id} was refreshed at ${rfc3339(grant?.refreshedAt ?? 0)}, so this copy is of a later moment than ${rfc3339(restoredTo)}; correct --restored-to.`;
}

const namedAtMost = 20;

/** Made since: the copy knows nothing of them, and whoever used them must connect anew. */
async function onlyIn(original: AdoptionTable, ids: ReadonlySet<string>): Promise<Lost> {
  const named: string[] = [];
  let count = 0;
  for await (const page of original.pages()) {
    for (const { id, grant } of page) {
      if (grant === undefined || ids.has(id)) continue;
      count += 1;
      if (named.length < namedAtMost) named.push(id);
    }
  }
  return { count, ids: named };
}

/** Last, and only over what was read: another adoption may have been faster. */
async function conclude({ records, name }: AdoptionTable, { described, item }: Copy, now: number): Promise<void> {
  const own = { ...identityOf(described, now, adoptionId(described.tableId)), adoptedFrom: item?.tableId };
  const written =
    item === undefined
      ? await records.create(own)
      : await records.replace(item, { ...own, revision: item.revision + 1 });
  if (written === 'written') return;
  const stored = await records.read();
  if (stored?.tableId !== described.tableId) throw changedMeanwhile(name);
}
