/** Items by key, read consistently: for lists whose index lags behind and holds no more than their order. */
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailableError } from '../../core/errors.ts';
import type { ItemKey } from './keys.ts';
import { answerOf, type TableAccess } from './table-access.ts';

/** DynamoDB's own limit. */
const keysPerBatch = 100;
const batchGetTries = 6;
const firstBatchGetWaitMs = 25;

type Row = Readonly<Record<string, unknown>>;

/**
 * By their `pk`; what is not there is left out.
 *
 * @throws StoreUnavailableError where a batch is still answered in part after six tries
 */
export async function batchGet(access: TableAccess, keys: readonly ItemKey[]): Promise<ReadonlyMap<string, Row>> {
  const found = new Map<string, Row>();
  for (let begin = 0; begin < keys.length; begin += keysPerBatch) {
    for (const row of await oneBatch(access, keys.slice(begin, begin + keysPerBatch))) found.set(String(row.pk), row);
  }
  return found;
}

async function oneBatch({ client, tableName, wait }: TableAccess, keys: readonly ItemKey[]): Promise<Row[]> {
  const found: Row[] = [];
  let open: Record<string, unknown>[] = keys.map((key) => ({ ...key }));
  for (let tries = 0; open.length > 0; tries += 1) {
    if (tries === batchGetTries) {
      throw new StoreUnavailableError(
        `DynamoDB BatchGetItem left ${open.length} of ${keys.length} keys unread after ${tries} tries. Try again later`,
      );
    }
    if (tries > 0) await wait(firstBatchGetWaitMs * 2 ** (tries - 1));
    const command = new BatchGetCommand({ RequestItems: { [tableName]: { Keys: open, ConsistentRead: true } } });
    const answer = await answerOf('BatchGetItem', () => client.send(command));
    found.push(...(answer.Responses?.[tableName] ?? []));
    open = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return found;
}
