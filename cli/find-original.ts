/**
 * Which table a copy was made of, and whether it is still there: then a stack may run on it, and what that stack refreshes
 * the copy must not. Followed along the tables that took each other's place.
 */
import type { DescribedTable, TableIdentityItem } from '../functions/core/table-identity.ts';
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

export type Original =
  | StandingOriginal
  /** It waits to take this table's place, and was never in use: nothing is newer there. */
  | { readonly kind: 'waiting'; readonly why: string }
  | { readonly kind: 'gone' | 'out_of_reach'; readonly why: string };

export interface Copy {
  readonly described: DescribedTable;
  readonly item: TableIdentityItem | undefined;
}

const hopsAtMost = 10;

/** Throws `CommandError` where `named` is not what the copy was made of. */
export async function findOriginal(world: AdoptionWorld, copy: Copy, named: string | undefined): Promise<Original> {
  const said = copy.item?.tableArn ?? copy.described.restored?.sourceArn;
  let name = named ?? nameHere(said, copy.described.tableArn);
  if (name === undefined) {
    const why =
      said === undefined
        ? 'Nothing says which table this one is a copy of.'
        : `${said} is not of this account and region.`;
    return { kind: 'out_of_reach', why };
  }
  let expectedId = copy.item?.tableId;
  for (let hops = 0; hops < hopsAtMost; hops += 1) {
    const table = world.table(name);
    const described = await table.records.describe();
    const other = described === undefined ? 'is not there' : mismatch(described, copy, expectedId);
    if (described === undefined || other !== undefined) return missing(`${name} ${other}.`, hops === 0 && named);
    const item = await table.records.read();
    if (item?.tableId === copy.described.tableId) {
      if (item.writeId === retirementId(copy.described)) {
        return { kind: 'stands', table, described, item, retiredAt: item.since };
      }
      return { kind: 'waiting', why: `${name} is a copy of this table that nobody adopted.` };
    }
    if (item === undefined || item.tableId === described.tableId) return { kind: 'stands', table, described, item };
    const next = nameHere(item.tableArn, copy.described.tableArn);
    if (next === undefined) return { kind: 'out_of_reach', why: `${name} gave its place to ${item.tableArn}.` };
    name = next;
    expectedId = item.tableId;
  }
  throw new CommandError(`More than ${hopsAtMost} tables took each other's place; name the last with --original.`);
}

/** Tells a table that gave its place away from one that holds another's items. */
export function retirementId({ tableId }: DescribedTable): string {
  return `retired-for.${tableId}`;
}

function mismatch(described: DescribedTable, copy: Copy, expectedId: string | undefined): string | undefined {
  if (described.tableId === copy.described.tableId) return 'is the copy itself: it has the name of the original';
  if (expectedId === undefined || described.tableId === expectedId) return undefined;
  return `(${described.tableId}) is not the table that the items are of (${expectedId})`;
}

function missing(why: string, named: string | false | undefined): Original {
  if (named) throw new CommandError(`${why} Leave --original out if that table is gone.`);
  return { kind: 'gone', why };
}

/** `undefined`: of another account or region, which the endpoint does not reach. */
function nameHere(arn: string | undefined, here: string): string | undefined {
  const [place, name] = arn?.split(':table/') ?? [];
  return place === here.split(':table/')[0] ? name : undefined;
}
