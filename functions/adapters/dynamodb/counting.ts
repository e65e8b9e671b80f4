/**
 * An app's connections by status, counted in the list index alone: it projects the status, so no item is read. A page is
 * a thousand rows of some 200 bytes, 25 read units.
 */
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type ConnectionStatus, connectionStatuses } from '../../core/connection.ts';
import type { ConnectionCounts, Store } from '../../core/ports.ts';
import { checkLimit, maxCountLimit } from './bounds.ts';
import { tableDefinition } from './table.ts';
import { answerOf, type TableAccess } from './table-access.ts';

const rowsPerPage = 1000;

type Row = Readonly<Record<string, unknown>>;

export function createCounting(access: TableAccess): Pick<Store, 'countConnections'> {
  return {
    async countConnections(app, limit) {
      checkLimit(limit, maxCountLimit);
      // One more than is counted tells whether those were all. A page that DynamoDB cuts short is not made up for.
      const pagesAtMost = Math.ceil((limit + 1) / rowsPerPage);
      const rows: Row[] = [];
      let start: Row | undefined;
      for (let page = 0; page < pagesAtMost; page += 1) {
        const found = await indexPage(access, app, Math.min(rowsPerPage, limit + 1 - rows.length), start);
        rows.push(...found.rows);
        start = found.next;
        if (start === undefined || rows.length > limit) break;
      }
      return countsOf(
        rows.map(({ status }) => status),
        limit,
        start !== undefined,
      );
    },
  };
}

/**
 * Counts the first `limit` of them. A status of another release is not counted, and the counts are not complete then.
 *
 * @param more whether there are others behind them
 */
export function countsOf(statuses: readonly unknown[], limit: number, more: boolean): ConnectionCounts {
  const byStatus: Record<ConnectionStatus, number> = {
    active: 0,
    admin_action_required: 0,
    reauthorization_required: 0,
    disconnected: 0,
  };
  let counted = 0;
  for (const status of statuses.slice(0, limit)) {
    if (!isStatus(status)) continue;
    byStatus[status] += 1;
    counted += 1;
  }
  return { byStatus, complete: !more && counted === statuses.length };
}

function isStatus(status: unknown): status is ConnectionStatus {
  return (connectionStatuses as readonly unknown[]).includes(status);
}

async function indexPage(
  { client, tableName }: TableAccess,
  app: string,
  limit: number,
  start: Row | undefined,
): Promise<{ rows: readonly Row[]; next: Row | undefined }> {
  const { name, partitionKey } = tableDefinition.indexes.list;
  const command = new QueryCommand({
    TableName: tableName,
    IndexName: name,
    KeyConditionExpression: '#app = :app',
    ProjectionExpression: '#status',
    ExpressionAttributeNames: { '#app': partitionKey.name, '#status': 'status' },
    ExpressionAttributeValues: { ':app': app },
    Limit: limit,
    ...(start === undefined ? {} : { ExclusiveStartKey: start }),
  });
  const answer = await answerOf('Query', () => client.send(command));
  return { rows: answer.Items ?? [], next: answer.LastEvaluatedKey };
}
