/**
 * What a person does to the data keys of an org, by command: another in the place of the one in use, which is kept beside
 * it; what is of no more use deleted; all of them deleted.
 */
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import type { StoredDataKey, Written } from '../../core/ports.ts';
import { dataKeySchema } from './item-schemas.ts';
import { dataKeyKey, retiredDataKeyKey } from './keys.ts';
import { readable } from './readable.ts';
import { answerOf, writtenBy } from './table-access.ts';

export interface DataKeyRecord extends StoredDataKey {
  /** Milliseconds since the epoch. Absent: it is in use. */
  readonly retiredAt?: number;
}

export interface DataKeyRecords {
  /** All of an org, those in use first. */
  of(orgId: string): Promise<readonly DataKeyRecord[]>;
  /** Keeps `before` as retired, then puts `next` in its place; `conflict`: another is in use by now. */
  follow(before: DataKeyRecord, next: StoredDataKey, now: number): Promise<Written>;
  delete(key: DataKeyRecord): Promise<void>;
}

/** An org has two in use; as many retired ones are not met. */
const keysAtMost = 1_000;
const schema = z.extend(dataKeySchema, { retiredAt: z.optional(z.number()) });

export function createDataKeyRecords(client: DynamoDBDocumentClient, tableName: string): DataKeyRecords {
  const put = (Item: Record<string, unknown>) => client.send(new PutCommand({ TableName: tableName, Item }));
  return {
    async of(orgId) {
      const command = new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': dataKeyKey(orgId, 'access').pk },
        ConsistentRead: true,
        Limit: keysAtMost,
      });
      const { Items: rows = [] } = await answerOf('Query', () => client.send(command));
      return rows.map(recordOf).sort((a, b) => (a.retiredAt ?? 0) - (b.retiredAt ?? 0));
    },

    // First the copy: a death in between leaves two of the same key, and every token opens.
    async follow({ orgId, purpose, id, wrapped }, next, now) {
      const kept = { ...retiredDataKeyKey(orgId, purpose, id), version: 1, orgId, purpose, id, wrapped };
      await answerOf('PutItem', () => put({ ...kept, retiredAt: now }));
      const command = new PutCommand({
        TableName: tableName,
        Item: { ...dataKeyKey(orgId, purpose), version: 1, orgId, purpose, id: next.id, wrapped: next.wrapped },
        ConditionExpression: '#id = :before',
        ExpressionAttributeNames: { '#id': 'id' },
        ExpressionAttributeValues: { ':before': id },
      });
      return writtenBy('PutItem', () => client.send(command));
    },

    async delete({ orgId, purpose, id, retiredAt }) {
      const Key = retiredAt === undefined ? dataKeyKey(orgId, purpose) : retiredDataKeyKey(orgId, purpose, id);
      await answerOf('DeleteItem', () => client.send(new DeleteCommand({ TableName: tableName, Key })));
    },
  };
}

function recordOf(row: Record<string, unknown>): DataKeyRecord {
  const { orgId, purpose, id, wrapped, retiredAt } = readable<DataKeyRecord>(`${row.pk}/${row.sk}`, row, schema);
  return { orgId, purpose, id, wrapped, ...(retiredAt === undefined ? {} : { retiredAt }) };
}
