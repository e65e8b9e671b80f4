/**
 * `npx grantkeeper data-keys`: shows, replaces, prunes and forgets the data keys of one org. It makes keys and moves wrapped
 * ones; it opens none, so it needs no right to decrypt.
 */
import type { DataKeyRecord } from '../functions/adapters/dynamodb/data-key-records.ts';
import type { Connection } from '../functions/core/connection.ts';
import { decideForget, sealsOf } from '../functions/core/forget-org.ts';
import { leaseLives } from '../functions/core/grant.ts';
import { newId } from '../functions/core/new-id.ts';
import { rfc3339 } from '../functions/core/rfc3339.ts';
import { change } from '../functions/flows/change.ts';
import { CommandError } from './command-error.ts';
import type { DataKeysOptions } from './data-keys-line.ts';
import type { DataKeysWorld } from './data-keys-world.ts';
import type { Report } from './signing-key.ts';

/** A warm process may seal under a key for five minutes after it was followed, and what it began takes another two. */
export const pruneAfterMs = 60 * 60_000;
/** What was under way while it was forgotten is found by the next round. */
const roundsAtMost = 3;

/** Throws `CommandError` where the person must decide or wait, and what the store throws. */
export function dataKeys(options: DataKeysOptions, world: DataKeysWorld): Promise<Report> {
  switch (options.act) {
    case 'show':
      return show(options.org, world);
    case 'rotate':
      return rotate(options.org, world);
    case 'prune':
      return prune(options.org, world);
    case 'forget':
      return options.yes ? forget(options.org, world) : wouldForget(options.org, world);
  }
}

interface Usage {
  readonly keys: readonly DataKeyRecord[];
  /** Seals by `<purpose>.<key id>`. */
  readonly seals: ReadonlyMap<string, number>;
  /** Under keys in the item itself. */
  readonly own: number;
  readonly connections: readonly Connection[];
}

async function usageOf(org: string, world: DataKeysWorld): Promise<Usage> {
  const [keys, connections] = await Promise.all([world.records.of(org), world.connectionsOf(org)]);
  const seals = new Map<string, number>();
  let own = 0;
  for (const seal of connections.flatMap(sealsOf)) {
    if (seal.own) own += 1;
    else {
      const name = `${seal.purpose}.${world.sealer.keyIdOf(seal.sealed)}`;
      seals.set(name, (seals.get(name) ?? 0) + 1);
    }
  }
  return { keys, seals, own, connections };
}

async function show(org: string, world: DataKeysWorld): Promise<Report> {
  return { good: true, lines: linesOf(org, await usageOf(org, world)) };
}

function linesOf(org: string, { keys, seals, own, connections }: Usage): string[] {
  if (keys.length === 0 && connections.length === 0) return [`Nothing is stored of org ${org}.`];
  return [
    `Org ${org}: ${count(connections.length, 'connection')}.`,
    ...keys.map(({ purpose, id, retiredAt }) => {
      const since = retiredAt === undefined ? 'in use' : `followed ${rfc3339(retiredAt)}`;
      return `  ${purpose} key ${id}, ${since}: ${count(seals.get(`${purpose}.${id}`) ?? 0, 'token')}`;
    }),
    `  keys of a callback's own, in the items: ${count(own, 'token')}`,
  ];
}

async function rotate(org: string, world: DataKeysWorld): Promise<Report> {
  const inUse = (await world.records.of(org)).filter(({ retiredAt }) => retiredAt === undefined);
  if (inUse.length === 0) {
    throw new CommandError(`Org ${org} has no data keys; they are made by its first refresh. There is nothing to do.`);
  }
  for (const before of inUse) {
    const { purpose } = before;
    const { wrapped } = await world.keys.generateDataKey({ purpose, scope: org });
    const next = { orgId: org, purpose, id: newId(world.random), wrapped };
    if ((await world.records.follow(before, next, world.now())) === 'conflict') {
      throw new CommandError(
        `The ${purpose} key of ${org} was replaced by another run at the same time; look with show.`,
      );
    }
  }
  const lines = linesOf(org, await usageOf(org, world));
  return {
    good: true,
    lines: [
      `New data keys of org ${org} are in use, by every function within five minutes.`,
      ...lines,
      'Each refresh seals its tokens anew, the last within a day. Then run prune.',
    ],
  };
}

async function prune(org: string, world: DataKeysWorld): Promise<Report> {
  const { keys, seals } = await usageOf(org, world);
  const lines: string[] = [];
  let left = 0;
  for (const key of keys) {
    if (key.retiredAt === undefined) continue;
    const name = `${key.purpose} key ${key.id}`;
    const tokens = seals.get(`${key.purpose}.${key.id}`) ?? 0;
    const until = key.retiredAt + pruneAfterMs;
    if (tokens > 0) lines.push(`${name} stays: ${count(tokens, 'token')} lie under it.`);
    else if (until > world.now())
      lines.push(`${name} stays until ${rfc3339(until)}: it was followed less than an hour ago.`);
    else {
      await world.records.delete(key);
      lines.push(`${name} is deleted.`);
      continue;
    }
    left += 1;
  }
  return { good: left === 0, lines: lines.length === 0 ? [`Org ${org} has no data keys that were followed.`] : lines };
}

async function wouldForget(org: string, world: DataKeysWorld): Promise<Report> {
  const usage = await usageOf(org, world);
  return {
    good: true,
    lines: [...linesOf(org, usage), 'With --yes, all of it is made unreadable, for good. Nothing was changed.'],
  };
}

interface Forgotten {
  readonly connections: number;
  readonly grants: readonly string[];
  readonly underWay: number;
}

async function forget(org: string, world: DataKeysWorld): Promise<Report> {
  const all: Forgotten[] = [];
  let keys = 0;
  for (let round = 0; round < roundsAtMost; round += 1) {
    // Connections first: while their org has no key, none of them asks for a new one.
    const forgotten = await forgetConnections(org, world);
    const stored = await world.records.of(org);
    for (const key of stored) await world.records.delete(key);
    keys += stored.length;
    all.push(forgotten);
    if (forgotten.connections === 0 && stored.length === 0) break;
  }
  const connections = all.reduce((sum, one) => sum + one.connections, 0);
  const grants = all.flatMap((one) => one.grants);
  const underWay = all.reduce((sum, one) => sum + one.underWay, 0);
  if (connections === 0 && keys === 0) return { good: true, lines: [`Nothing of org ${org} can be opened.`] };
  return {
    good: underWay === 0,
    lines: [
      `Org ${org} is forgotten: ${count(connections, 'connection holds', 'connections hold')} no token any more, ${count(keys, 'data key')} deleted.`,
      'Warm functions forget the keys within five minutes; backups hold them until their window has passed.',
      ...(grants.length === 0
        ? []
        : [`${count(grants.length, 'grant')} could not be revoked by us and may live: end them in the org's Setup.`]),
      ...(underWay === 0
        ? []
        : [`${count(underWay, 'refresh was', 'refreshes were')} under way: run this again in two minutes.`]),
    ],
  };
}

async function forgetConnections(org: string, world: DataKeysWorld): Promise<Forgotten> {
  const grants: string[] = [];
  let connections = 0;
  let underWay = 0;
  for (const seen of await world.connectionsOf(org)) {
    const { result } = await change<string, Connection, readonly string[] | undefined>(
      world.connections,
      seen.id,
      (current) => {
        const decided = current && decideForget(current, world.now());
        return decided === undefined
          ? { keep: true, result: undefined }
          : { write: decided.after, result: decided.grants };
      },
      { writeId: `${newId(world.random)}.forget`, seen },
    );
    if (result === undefined) continue;
    connections += 1;
    grants.push(...result);
    if (seen.grant !== undefined && leaseLives(seen.grant, world.now())) underWay += 1;
  }
  return { connections, grants, underWay };
}

function count(number: number, one: string, more = `${one}s`): string {
  return `${number} ${number === 1 ? one : more}`;
}
