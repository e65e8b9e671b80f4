/**
 * Wrapped data keys, one in use per org and purpose: made put-if-absent, then read, so that all seal under the same one.
 * Those that it followed stay beside it until nothing is sealed under them (`data-key-records.ts`).
 */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { StoreUnavailableError } from '../../core/errors.ts';
import type { KeyPurpose, Store, StoredDataKey } from '../../core/ports.ts';
import { dataKeySchema } from './item-schemas.ts';
import { dataKeyKey, type ItemKey, retiredDataKeyKey } from './keys.ts';
import { readable } from './readable.ts';
import { answerOf, type TableAccess, writtenBy } from './table-access.ts';

export function createDataKeys({ client, tableName }: TableAccess): Pick<Store, 'readDataKey' | 'putDataKeyIfAbsent'> {
  const read = async (Key: ItemKey): Promise<StoredDataKey | undefined> => {
    const command = new GetCommand({ TableName: tableName, Key, ConsistentRead: true });
    const { Item: stored } = await answerOf('GetItem', () => client.send(command));
    if (stored === undefined) return undefined;
    const { orgId, purpose, id, wrapped } = readable<StoredDataKey>(`${stored.pk}/${stored.sk}`, stored, dataKeySchema);
    return { orgId, purpose, id, wrapped };
  };
  const readDataKey = async (orgId: string, purpose: KeyPurpose, id?: string): Promise<StoredDataKey | undefined> => {
    const inUse = await read(dataKeyKey(orgId, purpose));
    if (id === undefined || inUse?.id === id) return inUse;
    return read(retiredDataKeyKey(orgId, purpose, id));
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
