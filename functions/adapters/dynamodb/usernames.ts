/**
 * Whose username is whose: a hint that tells beforehand whose grant a connect session is likely to ask for. An item
 * each, written over by whoever had the name last; the connection itself says whether it still has it.
 */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Store } from '../../core/ports.ts';
import { usernameSchema } from './item-schemas.ts';
import { usernameKey } from './keys.ts';
import { readable } from './readable.ts';
import { answerOf, type TableAccess } from './table-access.ts';

export function createUsernames({
  client,
  tableName,
}: TableAccess): Pick<Store, 'rememberUsername' | 'connectionOfUsername'> {
  return {
    async rememberUsername(app, username, connectionId) {
      const Item = { ...usernameKey(app, username), version: 1, app, connectionId };
      await answerOf('PutItem', () => client.send(new PutCommand({ TableName: tableName, Item })));
    },

    async connectionOfUsername(app, username) {
      const Key = usernameKey(app, username);
      const command = new GetCommand({ TableName: tableName, Key, ConsistentRead: true });
      const { Item: stored } = await answerOf('GetItem', () => client.send(command));
      if (stored === undefined) return undefined;
      return readable<{ connectionId: string }>(String(stored.pk), stored, usernameSchema).connectionId;
    },
  };
}
