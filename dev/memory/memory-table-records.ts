/** A table's id and its item, in memory; a test makes it a copy of another. */
import type { DescribedTable, TableIdentityItem, TableRecords } from '../../functions/core/table-identity.ts';

export interface MemoryTableRecords extends TableRecords {
  /** What DynamoDB would say; `undefined`: there is no such table. */
  described: DescribedTable | undefined;
  item: TableIdentityItem | undefined;
}

export function createMemoryTableRecords(tableId = 'table-in-memory'): MemoryTableRecords {
  const records: MemoryTableRecords = {
    described: { tableId, tableArn: `arn:aws:dynamodb:us-east-1:000000000000:table/${tableId}` },
    item: undefined,
    describe: async () => records.described,
    read: async () => records.item,
    async create(item) {
      if (records.item !== undefined) return 'conflict';
      records.item = item;
      return 'written';
    },
    async replace(before, after) {
      if (records.item?.revision !== before.revision) return 'conflict';
      records.item = after;
      return 'written';
    },
  };
  return records;
}
