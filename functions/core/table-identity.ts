/**
 * Whether the items of a table belong to it. A copy of the table at an older moment (a restore, an export, a clone) holds
 * refresh tokens that were rotated out since, and to use one, or to revoke it, ends the grant that lives. So the table
 * holds its own `TableId` as an item; a copy holds the id of the table that it was made of.
 *
 * Decided here, looked up by `adapters/table-identity.ts`, obeyed through `flows/table-gate.ts`. Amazon DynamoDB API
 * Reference, "TableDescription": `TableId`, `RestoreSummary`.
 */
import type { Written } from './store-port.ts';
import type { Versioned } from './versioned.ts';

/** What DynamoDB says of the table. */
export interface DescribedTable {
  readonly tableId: string;
  readonly tableArn: string;
  /** It was made by a restore: what of, and the moment that it was restored to. */
  readonly restored?: { readonly sourceArn?: string; readonly at?: number };
}

/** The item. One for each table. */
export interface TableIdentityItem extends Versioned {
  /** Whose items these are. */
  readonly tableId: string;
  /** That table's, to look for it. */
  readonly tableArn: string;
  /** Since when. */
  readonly since: number;
  /** Taken over by `grantkeeper adopt-restore` from that table. */
  readonly adoptedFrom?: string;
}

export type TableState =
  /** `adoptedAt`: when it took another's place, if it did. */
  | { readonly kind: 'own'; readonly adoptedAt?: number }
  /**
   * `storedId`: whose items these are; absent: an earlier release wrote them, and the table was made by a restore.
   * `retired`: it gave its place to that table, which is a copy of this one.
   */
  | {
      readonly kind: 'restored';
      readonly tableId: string;
      readonly tableName: string;
      readonly storedId?: string;
      readonly storedName?: string;
      readonly retired?: true;
    };

/** What is known of one table, and its item. Each call throws `StoreUnavailableError`. */
export interface TableRecords {
  /** `undefined`: there is no such table, or it is being made or deleted. */
  describe(): Promise<DescribedTable | undefined>;
  read(): Promise<TableIdentityItem | undefined>;
  /** If none is there. */
  create(item: TableIdentityItem): Promise<Written>;
  /** If the stored revision is still that of `before`. */
  replace(before: TableIdentityItem, after: TableIdentityItem): Promise<Written>;
}

/**
 * `new`: no item, and nothing says that the table was restored: a new table, or one of the release before. A copy of such
 * a table that was not made by a restore (an import, say) looks the same, and cannot be told.
 */
export function judgeTable(described: DescribedTable, stored: TableIdentityItem | undefined): TableState | 'new' {
  const { tableId, tableArn, restored } = described;
  if (stored?.tableId === tableId) {
    return stored.writeId === adoptionId(tableId) ? { kind: 'own', adoptedAt: stored.since } : { kind: 'own' };
  }
  const state = { kind: 'restored', tableId, tableName: nameIn(tableArn) } as const;
  if (stored === undefined) return restored === undefined ? 'new' : state;
  const copy = { ...state, storedId: stored.tableId, storedName: nameIn(stored.tableArn) };
  return stored.writeId === retirementId(stored.tableId) ? { ...copy, retired: true } : copy;
}

/** Of a table, for a person. */
function nameIn(tableArn: string): string {
  return tableArn.slice(tableArn.lastIndexOf('/') + 1);
}

export function identityOf({ tableId, tableArn }: DescribedTable, now: number, writeId: string): TableIdentityItem {
  return { version: 1, revision: 1, writeId, tableId, tableArn, since: now };
}

/** The `writeId` that tells a table that gave its place away from one that holds another's items. */
export function retirementId(successorId: string): string {
  return `retired-for.${successorId}`;
}

/** The `writeId` that tells a table that took another's place. */
export function adoptionId(tableId: string): string {
  return `adopted.${tableId}`;
}

/** For logs, alerts and problems. */
export function restoredDetail(state: Extract<TableState, { kind: 'restored' }>): string {
  const { tableId, tableName, storedId, storedName, retired } = state;
  const own = `This table (${tableName}, ${tableId})`;
  const other = `table ${storedName} (${storedId})`;
  if (retired) {
    return `${own} gave its place to ${other}, by npx grantkeeper adopt-restore: nothing is refreshed, authorized or revoked with what it holds. Point the stack to that table; docs/runbooks/restore.md says how, and how to go back.`;
  }
  const whose = storedId === undefined ? 'an earlier moment' : `${other} at an earlier moment`;
  return `${own} is a copy of ${whose}: its refresh tokens may have been replaced since, so nothing is refreshed, authorized or revoked. If it is to take the other's place, run npx grantkeeper adopt-restore --table ${tableName} (docs/runbooks/restore.md has it step by step); a copy for a test stays as it is.`;
}
