/**
 * An app's connections in the order of org and user: found by the list index, then read consistently, for the index
 * lags behind and holds no more than the order and the status.
 */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Connection } from '../../core/connection.ts';
import { UnreadableItemError } from '../../core/errors.ts';
import { connectionIdOf } from '../../core/ids.ts';
import type { ConnectionFilter, Store } from '../../core/ports.ts';
import { batchGet } from './batch-get.ts';
import { checkLimit, maxListLimit } from './bounds.ts';
import { itemOf } from './collection.ts';
import { formatListCursor, parseListCursor } from './cursor.ts';
import { connectionKey, type ItemKey } from './keys.ts';
import { connectionKind } from './kinds.ts';
import { tableDefinition } from './table.ts';
import { answerOf, type TableAccess } from './table-access.ts';

/** A rare status makes a call look at many rows; after so many pages it answers what it has, with a cursor. */
const maxPagesPerCall = 10;
const rowsPerFilteredPage = 100;

type Row = Readonly<Record<string, unknown>>;

export function createListing(access: TableAccess): Pick<Store, 'listConnections'> {
  return {
    async listConnections(filter, limit, cursor) {
      checkLimit(limit, maxListLimit);
      const items: Connection[] = [];
      let after = cursor === undefined ? undefined : parseListCursor(cursor, filter);
      for (let page = 0; page < maxPagesPerCall && items.length < limit; page += 1) {
        const wanted = limit - items.length;
        const found = await indexPage(access, filter, wanted, after);
        const rows = found.rows.slice(0, wanted);
        const read = await readInOrder(access, rows);
        items.push(...read.filter(({ status }) => filter.status === undefined || status === filter.status));
        after = rows.length < found.rows.length ? String(rows.at(-1)?.listOrder) : found.after;
        if (after === undefined) break;
      }
      return { items, ...(after === undefined ? {} : { cursor: formatListCursor(filter, after) }) };
    },
  };
}

/** Rows after `after`; the `after` that comes back is `undefined` at the end of the list. */
async function indexPage(
  { client, tableName }: TableAccess,
  { app, orgId, status }: ConnectionFilter,
  wanted: number,
  after: string | undefined,
): Promise<{ rows: Row[]; after: string | undefined }> {
  const command = new QueryCommand({
    TableName: tableName,
    IndexName: tableDefinition.indexes.list.name,
    KeyConditionExpression: `#app = :app${orgId === undefined ? '' : ' AND begins_with(#order, :org)'}`,
    ...(status === undefined ? {} : { FilterExpression: '#status = :status' }),
    ExpressionAttributeNames: {
      '#app': 'listApp',
      ...(orgId === undefined ? {} : { '#order': 'listOrder' }),
      ...(status === undefined ? {} : { '#status': 'status' }),
    },
    ExpressionAttributeValues: {
      ':app': app,
      ...(orgId === undefined ? {} : { ':org': `${orgId}#` }),
      ...(status === undefined ? {} : { ':status': status }),
    },
    // One more than wanted tells whether this is the last page.
    Limit: status === undefined ? wanted + 1 : rowsPerFilteredPage,
    ...(after === undefined ? {} : { ExclusiveStartKey: startKey(app, after) }),
  });
  const answer = await answerOf('Query', () => client.send(command));
  const last = answer.LastEvaluatedKey?.listOrder;
  return { rows: answer.Items ?? [], after: typeof last === 'string' ? last : undefined };
}

function startKey(app: string, after: string): Record<string, unknown> {
  const [orgId = '', userId = ''] = after.split('#');
  return { ...connectionKey(connectionIdOf({ app, orgId, userId })), listApp: app, listOrder: after };
}

/** One that this release cannot read must not hide all others, nor its org's incident: it is told of and left out. */
function readableOrTold({ log }: TableAccess, row: Row): Connection[] {
  try {
    return [itemOf(connectionKind, row)];
  } catch (error) {
    if (!(error instanceof UnreadableItemError)) throw error;
    log.warn('a connection of a list cannot be read and was left out', { pk: String(row.pk), error });
    return [];
  }
}

async function readInOrder(access: TableAccess, rows: readonly Row[]): Promise<Connection[]> {
  const keys = rows.map((row): ItemKey => ({ pk: String(row.pk), sk: String(row.sk) }));
  const stored = await batchGet(access, keys);
  return keys.flatMap(({ pk }) => {
    const found = stored.get(pk);
    return found === undefined ? [] : readableOrTold(access, found);
  });
}
