/**
 * `npx grantkeeper adopt-restore`: takes a restored table into use. Marks the connections whose tokens were replaced since,
 * then, last, writes that the table's items are its own: whoever dies in between leaves it stopped, and a repeat goes on.
 *
 * A table that still stands is retired first: its item then names the copy, so that what runs on it stops by the same
 * check, and only one of the two is ever in use.
 */
import { type Adoption, decideAdoption, type WhyKept, type WhyMarked } from '../functions/core/adopt.ts';
import type { Connection } from '../functions/core/connection.ts';
import { rfc3339 } from '../functions/core/rfc3339.ts';
import { identityOf } from '../functions/core/table-identity.ts';
import { change } from '../functions/flows/change.ts';
import type { AdoptRestoreOptions } from './adopt-restore-line.ts';
import type { AdoptionTable, AdoptionWorld } from './adoption-world.ts';
import { CommandError } from './command-error.ts';
import { type Copy, findOriginal, type Original, retirementId, type StandingOriginal } from './find-original.ts';
import type { Report } from './signing-key.ts';

/** A process believes for two minutes that the table is its own, its function lives a minute, and its lease 75 s. */
export const retireSettlesMs = 5 * 60_000;
const atOnce = 16;

type Counts = Partial<Record<WhyMarked | WhyKept | 'marked_before', number>>;

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
  const restoredTo = options.restoredTo ?? described.restored?.at;
  if (original.kind === 'stands') await retire(world, original, copy, options);
  else if (original.kind !== 'waiting') requireTime(original.why, restoredTo, world.now());
  const counts = await adoptAll(world, table, original, copy, restoredTo, options.dryRun);
  if (!options.dryRun) await conclude(table, copy, world.now());
  return { good: true, lines: [...said(original, counts), '', ...next(options)] };
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
  let since = retiredAt;
  if (since === undefined) {
    since = world.now();
    const successor = identityOf(copy.described, since, retirementId(copy.described));
    const written =
      item === undefined
        ? await table.records.create(successor)
        : await table.records.replace(item, { ...successor, revision: item.revision + 1 });
    if (written === 'conflict') throw new CommandError(`${table.name} was changed at the same time; run it again.`);
    if (item === undefined) world.say(`${table.name} is of an older release, which does not stop: stop its stack now.`);
  }
  const leftMs = since + retireSettlesMs - world.now();
  if (leftMs <= 0) return;
  world.say(`${table.name} is retired. Waiting ${Math.ceil(leftMs / 1_000)} s until nothing runs on it.`);
  await world.wait(leftMs);
}

const howToRetire =
  'To put it in the place of the other, stop the stack there, or point it to this table, and add --retire-original.';

async function adoptAll(
  world: AdoptionWorld,
  table: AdoptionTable,
  original: Original,
  copy: Copy,
  restoredTo: number | undefined,
  dryRun: boolean,
): Promise<Counts> {
  const counts: Counts = {};
  for await (const page of table.pages()) {
    for (let from = 0; from < page.length; from += atOnce) {
      const some = page.slice(from, from + atOnce);
      const adoptions = await Promise.all(
        some.map((one) => adoptOne(world, table, original, copy, restoredTo, dryRun, one)),
      );
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
  original: Original,
  copy: Copy,
  restoredTo: number | undefined,
  dryRun: boolean,
  seen: Connection,
): Promise<Adoption> {
  const decide = await decisionOn(world, original, copy, restoredTo, seen.id);
  if (dryRun) return decide(seen);
  const { result } = await change<string, Connection, Adoption>(
    table.connections,
    seen.id,
    (current = seen) => {
      const adoption = decide(current);
      const after = adoption.kind === 'marked_before' ? undefined : adoption.after;
      return after === undefined ? { keep: true, result: adoption } : { write: after, result: adoption };
    },
    { writeId: `adopt.${copy.described.tableId}`, seen },
  );
  return result;
}

async function decisionOn(
  world: AdoptionWorld,
  original: Original,
  copy: Copy,
  restoredTo: number | undefined,
  id: string,
): Promise<(current: Connection) => Adoption> {
  switch (original.kind) {
    case 'stands':
      return byOriginal(original, id);
    case 'waiting':
      return () => ({ kind: 'keep', why: 'as_it_was' });
    case 'gone':
    case 'out_of_reach':
      return (current) => byTime(current, copy, restoredTo ?? 0, world.now());
  }
}

async function byOriginal({ table }: StandingOriginal, id: string): Promise<(current: Connection) => Adoption> {
  const connection = await table.connections.read(id);
  return (current) => decideAdoption(current, { kind: 'original', connection });
}

/** An earlier release, which did not stop, may have run on the copy: what it refreshed is the copy's own. */
function byTime(current: Connection, { item }: Copy, restoredTo: number, now: number): Adoption {
  const { grant, id } = current;
  if (grant !== undefined && grant.refreshedAt > restoredTo) {
    if (item === undefined) return { kind: 'keep', why: 'as_it_was' };
    throw new CommandError(
      `${id} was refreshed at ${rfc3339(grant.refreshedAt)}, so this copy is of a later moment than ${rfc3339(restoredTo)}; correct --restored-to.`,
    );
  }
  return decideAdoption(current, { kind: 'time', now });
}

/** Last, and only over what was read: another adoption may have been faster. */
async function conclude({ records, name }: AdoptionTable, { described, item }: Copy, now: number): Promise<void> {
  const own = { ...identityOf(described, now, `adopted.${described.tableId}`), adoptedFrom: item?.tableId };
  const written =
    item === undefined
      ? await records.create(own)
      : await records.replace(item, { ...own, revision: item.revision + 1 });
  if (written === 'written') return;
  const stored = await records.read();
  if (stored?.tableId !== described.tableId) {
    throw new CommandError(`The identity of ${name} was changed at the same time; run it again.`);
  }
}

const markedWords: Readonly<Record<WhyMarked, string>> = {
  refreshed: 'refreshed since, with rotation',
  reauthorized: 'authorized again since',
  disconnected: 'disconnected since',
  missing: 'not in the original',
  due: 'were due since, and rotate or may rotate',
};
const keptWords: Readonly<Record<WhyKept, string>> = {
  no_refresh_token: 'hold no refresh token',
  not_rotating: 'do not rotate',
  as_it_was: 'hold their newest token',
  not_due: 'were not due since',
  dead_already: 'needed an authorization before',
};

function said(original: Original, counts: Counts): string[] {
  const list = <Why extends WhyMarked | WhyKept>(words: Readonly<Record<Why, string>>) =>
    (Object.entries(words) as [Why, string][]).flatMap(([why, text]) =>
      counts[why] === undefined ? [] : [`  ${counts[why]} ${text}`],
    );
  const before = counts.marked_before === undefined ? [] : [`  ${counts.marked_before} marked by an earlier run`];
  return [
    comparison(original),
    'To be authorized again (reauthorization_required, restored_backup):',
    ...orNone([...list(markedWords), ...before]),
    'Go on as they are:',
    ...orNone(list(keptWords)),
  ];
}

function comparison(original: Original): string {
  switch (original.kind) {
    case 'stands':
      return `Compared with ${original.table.name}, connection by connection.`;
    case 'waiting':
      return `${original.why} Nothing is newer there.`;
    case 'gone':
    case 'out_of_reach':
      return `${original.why} Not compared: what may have been refreshed since counts as refreshed, so some may be marked without need.`;
  }
}

function orNone(lines: string[]): string[] {
  return lines.length === 0 ? ['  none'] : lines;
}

function next({ table, dryRun }: AdoptRestoreOptions): string[] {
  if (dryRun) return ['Nothing was written: --dry-run. Run it without to adopt the table.'];
  return [
    `${table} is adopted: what runs on it goes on within a minute.`,
    'Next: GET /connections?app=APP&status=reauthorization_required names those to be authorized again;',
    'send each of their users a link: POST /connect-sessions with connection_id.',
  ];
}
