/** Which integrations use a connection: an item each beside the connection, so that its own item stays small. */
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { UnreadableItemError } from '../../core/errors.ts';
import type { IntegrationKey, Store } from '../../core/ports.ts';
import { checkLimit, maxUsesLimit } from './bounds.ts';
import { connectionKey, useKey, usePrefix } from './keys.ts';
import { answerOf, type TableAccess } from './table-access.ts';

export function createUses({ client, tableName }: TableAccess): Pick<Store, 'addUse' | 'removeUse' | 'usesOf'> {
  return {
    async addUse(connectionId, { tenant, integration }) {
      const key = useKey(connectionId, { tenant, integration });
      const command = new PutCommand({ TableName: tableName, Item: { ...key, version: 1, tenant, integration } });
      await answerOf('PutItem', () => client.send(command));
    },

    async removeUse(connectionId, use) {
      const command = new DeleteCommand({ TableName: tableName, Key: useKey(connectionId, use) });
      await answerOf('DeleteItem', () => client.send(command));
    },

    // One page holds them all: a thousand uses of 0.5 KB stay under DynamoDB's megabyte.
    async usesOf(connectionId, limit, tenant) {
      checkLimit(limit, maxUsesLimit);
      const command = new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': connectionKey(connectionId).pk, ':prefix': usePrefix(tenant) },
        ConsistentRead: true,
        Limit: limit,
      });
      const { Items: rows = [] } = await answerOf('Query', () => client.send(command));
      return rows.map(useOf);
    },
  };
}

function useOf({ pk, sk, version, tenant, integration }: Record<string, unknown>): IntegrationKey {
  if (version !== 1 || typeof tenant !== 'string' || typeof integration !== 'string') {
    throw new UnreadableItemError(`item ${pk}/${sk} is not a use of version 1. Deploy the release that wrote it`);
  }
  return { tenant, integration };
}
