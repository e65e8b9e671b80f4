/** Wrapped data keys, one per org and purpose: made put-if-absent, then read, so that all seal under the same one. */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailableError } from '../../core/errors.ts';
import type { KeyPurpose, Store, StoredDataKey } from '../../core/ports.ts';
import { dataKeySchema } from './item-schemas.ts';
import { dataKeyKey } from './keys.ts';
import { readable } from './readable.ts';
import { answerOf, type TableAccess, writtenBy } from './table-access.ts';

export function createDataKeys({ client, tableName }: TableAccess): Pick<Store, 'readDataKey' | 'putDataKeyIfAbsent'> {
  const readDataKey = async (orgId: string, purpose: KeyPurpose): Promise<StoredDataKey | undefined> => {
    const command = new GetCommand({ TableName: tableName, Key: dataKeyKey(orgId, purpose), ConsistentRead: true });
    const { Item: stored } = await answerOf('GetItem', () => client.send(command));
    if (stored === undefined) return undefined;
    const { id, wrapped } = readable<StoredDataKey>(`${stored.pk}/${stored.sk}`, stored, dataKeySchema);
    return { orgId, purpose, id, wrapped };
  };
  return {
    readDataKey,

    async putDataKeyIfAbsent({ orgId, purpose, id, wrapped }) {
      const command = new PutCommand({
        TableName: tableName,
        Item: { ...dataKeyKey(orgId, purpose), version: 1, orgId, purpose, id, wrapped },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      const written = await writtenBy('PutItem', () => client.send(command));
      if (written === 'written') return { orgId, purpose, id, wrapped };
      const stored = await readDataKey(orgId, purpose);
      if (stored === undefined) {
        throw new StoreUnavailableError(`the ${purpose} key of org ${orgId} was deleted while it was read. Try again`);
      }
      return stored;
    },
  };
}
