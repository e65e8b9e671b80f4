/**
 * The watches of an app that had news lately: found by the list index, where they lie in a partition of their own, then
 * read consistently. A watch that had its first news this instant may be missed; the next look finds it.
 */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Store } from '../../core/ports.ts';
import type { Watch } from '../../core/watch.ts';
import { batchGet } from './batch-get.ts';
import { checkInstant, checkLimit, maxWatchesLimit } from './bounds.ts';
import { itemOf } from './collection.ts';
import type { ItemKey } from './keys.ts';
import { instantText, watchKind, watchListOf, watchOrderOf } from './kinds.ts';
import { tableDefinition } from './table.ts';
import { answerOf, type TableAccess } from './table-access.ts';

export function createWatchListing(access: TableAccess): Pick<Store, 'recentWatches'> {
  return {
    // One page holds them all: two hundred rows of 0.3 KB stay under DynamoDB's megabyte.
    async recentWatches(app, since, limit) {
      checkInstant('since', since);
      checkLimit(limit, maxWatchesLimit);
      const keys = await recentKeys(access, app, since, limit);
      const stored = await batchGet(access, keys);
      return newestFirst([...stored.values()].map((row) => itemOf(watchKind, row))).filter(
        ({ activeAt }) => activeAt >= since,
      );
    },
  };
}

/** As they are now: the index may have had them in another order. */
export function newestFirst(watches: readonly Watch[]): Watch[] {
  return watches.toSorted((a, b) => (watchOrderOf(a) > watchOrderOf(b) ? -1 : 1));
}

async function recentKeys(
  { client, tableName }: TableAccess,
  app: string,
  since: number,
  limit: number,
): Promise<ItemKey[]> {
  const { name, partitionKey, sortKey } = tableDefinition.indexes.list;
  const command = new QueryCommand({
    TableName: tableName,
    IndexName: name,
    KeyConditionExpression: '#app = :app AND #order >= :since',
    ExpressionAttributeNames: { '#app': partitionKey.name, '#order': sortKey.name },
    ExpressionAttributeValues: { ':app': watchListOf(app), ':since': instantText(since) },
    ScanIndexForward: false,
    Limit: limit,
  });
  const { Items: rows = [] } = await answerOf('Query', () => client.send(command));
  return rows.map((row) => ({ pk: String(row.pk), sk: String(row.sk) }));
}
