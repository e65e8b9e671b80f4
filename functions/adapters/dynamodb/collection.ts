/**
 * Compare-and-set over one kind of item. A read is one consistent GetItem, a write one conditional request; no
 * transactions, so that every DynamoDB engine serves.
 */
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Collection } from '../../core/ports.ts';
import type { Versioned } from '../../core/versioned.ts';
import { checkCreate, checkReplace } from './bounds.ts';
import type { Kind } from './kinds.ts';
import { readable } from './readable.ts';
import { derivedAttributes } from './table.ts';
import { answerOf, type TableAccess, writtenBy } from './table-access.ts';
import { type Attributes, changesBetween, updateExpression, withAttributes } from './update-expression.ts';

export function createCollection<Key, Item extends Versioned>(
  { client, tableName, shards }: TableAccess,
  kind: Kind<Key, Item>,
): Collection<Key, Item> {
  const keyOf = (item: Item) => kind.itemKey(kind.keyOf(item));
  return {
    async read(key) {
      const command = new GetCommand({ TableName: tableName, Key: kind.itemKey(key), ConsistentRead: true });
      const { Item: stored } = await answerOf('GetItem', () => client.send(command));
      return stored === undefined ? undefined : itemOf(kind, stored);
    },

    async create(item) {
      checkCreate(item);
      const command = new PutCommand({
        TableName: tableName,
        Item: { ...item, ...kind.derived(item, shards), ...keyOf(item) },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      return writtenBy('PutItem', () => client.send(command));
    },

    async replace(before, after) {
      const key = keyOf(before);
      checkReplace({ key: key.pk, revision: before.revision }, { key: keyOf(after).pk, revision: after.revision });
      // Derived attributes are written anew each time: another release may have derived them otherwise.
      const changes = withAttributes(
        changesBetween(attributesOf(before), attributesOf(after), kind.known),
        kind.derived(after, shards),
      );
      const command = new UpdateCommand({
        TableName: tableName,
        Key: key,
        ...updateExpression(changes, before.revision),
      });
      return writtenBy('UpdateItem', () => client.send(command));
    },
  };
}

/** The item of what is stored, without the adapter's own attributes. */
export function itemOf<Key, Item extends Versioned>(
  kind: Kind<Key, Item>,
  stored: Readonly<Record<string, unknown>>,
): Item {
  const own = Object.entries(stored).filter(([name]) => !derivedAttributes.has(name));
  return readable<Item>(String(stored.pk), Object.fromEntries(own), kind.schema);
}

function attributesOf(item: object): Attributes {
  return { ...item };
}
