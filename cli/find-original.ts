/**
 * Which table a copy was made of, and whether it is still there: then a stack may run on it, and what that stack refreshes
 * the copy must not. Followed along the tables that took each other's place.
 */
import { type DescribedTable, retirementId, type TableIdentityItem } from '../functions/core/table-identity.ts';
import type { AdoptionTable, AdoptionWorld } from './adoption-world.ts';
import { CommandError } from './command-error.ts';

export interface StandingOriginal {
  readonly kind: 'stands';
  readonly table: AdoptionTable;
  readonly described: DescribedTable;
  readonly item: TableIdentityItem | undefined;
  /** Its own item gives its place to this copy since then. */
  readonly retiredAt?: number;
}

/** It was to take this table's place, and was never in use: nothing is newer there. */
export interface WaitingCopy {
  readonly kind: 'waiting';
  readonly why: string;
  readonly table: AdoptionTable;
  readonly item: TableIdentityItem | undefined;
}

export type Original =
  | StandingOriginal
  | WaitingCopy
  | { readonly kind: 'gone'; readonly why: string }
  /** In another account or region, or nobody knows where: it may be in use. */
  | { readonly kind: 'out_of_reach'; readonly why: string };

export interface Copy {
  readonly described: DescribedTable;
  readonly item: TableIdentityItem | undefined;
}

const hopsAtMost = 10;

/** Throws `CommandError` where `named` is not what the copy was made of. */
export async function findOriginal(world: AdoptionWorld, copy: Copy, named: string | undefined): Promise<Original> {
  const { item, described } = copy;
  const restoredFrom = nameHere(described.restored?.sourceArn, described.tableArn);
  if (item === undefined && named !== undefined && described.restored?.sourceArn !== undefined) {
    if (named !== restoredFrom)
      throw new CommandError(
        `DynamoDB says that the copy was restored from ${described.restored.sourceArn}, not from ${named}.`,
      );
  }
  const said = item?.tableArn ?? described.restored?.sourceArn;
  const name = named ?? nameHere(said, described.tableArn);
  if (name === undefined) return outOfReach(said);
  const found = await follow(world, copy, name);
  if (found.kind !== 'gone') return found;
  if (named !== undefined) throw new CommandError(`${found.why} Leave --original out if that table is gone.`);
  // A copy of a copy: the one between may have taken the place of the first since.
  if (item === undefined || restoredFrom === undefined || restoredFrom === name) return found;
  const between = await follow(world, copy, restoredFrom);
  return between.kind === 'gone' ? found : between;
}

async function follow(world: AdoptionWorld, copy: Copy, first: string): Promise<Original> {
  let name = first;
  let gaveItUp: string | undefined;
  let expectedId = copy.item?.tableId;
  for (let hops = 0; hops < hopsAtMost; hops += 1) {
    const table = world.table(name);
    const described = await table.records.describe();
    if (described === undefined) return { kind: 'gone', why: `${name} is not there.` };
    if (described.tableId === copy.described.tableId) {
      return { kind: 'gone', why: `${name} is the copy itself: it has the name of the original.` };
    }
    const item = await table.records.read();
    if (isWaitingFor(copy, described, item)) {
      return { kind: 'waiting', why: `${name} is a copy of this table that nobody adopted.`, table, item };
    }
    if (item?.tableId === copy.described.tableId)
      return { kind: 'stands', table, described, item, retiredAt: item.since };
    const isOwn = item === undefined || item.tableId === described.tableId;
    // Where the original is gone, another copy of it may have taken its place, and its name.
    const isIt = expectedId === undefined || [described.tableId, item?.adoptedFrom].includes(expectedId);
    if (!isIt) {
      return {
        kind: 'gone',
        why: `${name} (${described.tableId}) is not the table that the items are of (${expectedId}).`,
      };
    }
    if (isOwn) return { kind: 'stands', table, described, item };
    if (gaveItUp !== undefined && !isRetired(item)) {
      throw new CommandError(
        `${gaveItUp} gave its place to ${name}, which nobody has adopted. Adopt that one, or first give the place back: npx grantkeeper adopt-restore --table ${gaveItUp}.`,
      );
    }
    const next = nameHere(item.tableArn, copy.described.tableArn);
    if (next === undefined) return { kind: 'out_of_reach', why: `${name} gave its place to ${item.tableArn}.` };
    gaveItUp = name;
    name = next;
    expectedId = item.tableId;
  }
  throw new CommandError(`More than ${hopsAtMost} tables took each other's place; name the last with --original.`);
}

/** A copy without an item is of a release before: what was retired for it says so. */
function isWaitingFor(own: Copy, described: DescribedTable, item: TableIdentityItem | undefined): boolean {
  if (item === undefined) return own.item?.writeId === retirementId(described.tableId);
  return item.tableId === own.described.tableId && !isRetired(item);
}

function isRetired({ writeId, tableId }: TableIdentityItem): boolean {
  return writeId === retirementId(tableId);
}

function outOfReach(said: string | undefined): Original {
  const why =
    said === undefined
      ? 'Nothing says which table this one is a copy of.'
      : `${said} is not of this account and region.`;
  return { kind: 'out_of_reach', why };
}

/** `undefined`: of another account or region, which the endpoint does not reach. */
function nameHere(arn: string | undefined, here: string): string | undefined {
  const [place, name] = arn?.split(':table/') ?? [];
  return place === here.split(':table/')[0] ? name : undefined;
}
