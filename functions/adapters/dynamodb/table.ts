/**
 * The one table, as data: its key, its sparse indexes and its expiry attribute. The construct that deploys it and the
 * stacks that run it locally make it from these constants, so that none drifts from the adapter.
 *
 * Keys: connection `C#<id>`/`C`, its uses `C#<id>`/`I#<tenant>#<integration>`, session `S#<id>`/`S`, integration
 * `I#<tenant>#<integration>`/`I`, ledger `L#<id>`/`L`, username `U#<app>#<SHA-256 of the name>`/`U`, app `A#<app>`/`A`,
 * incident `N#<type>`/`N`, watch `W#<id>`/`W`, data key `K#<orgId>`/`<purpose>`, retired ones `K#<orgId>`/`<purpose>#<id>`, waiting readers
 * `R#<orgId>#<minute>`/`R`, the table's own id `T#identity`/`T`.
 *
 * The list index holds an app's connections under the app's name, and its watches under `!watch.<app>`: no app's name
 * begins so, and neither is ever met in the other's list.
 */
import type { CreateTableCommandInput, KeySchemaElement } from '@aws-sdk/client-dynamodb';

export interface KeyAttribute {
  readonly name: string;
  /** DynamoDB's types: a string or a number. */
  readonly type: 'S' | 'N';
}

export interface IndexDefinition {
  readonly name: string;
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute;
  /** What is projected besides the keys; empty: the keys only. */
  readonly nonKeyAttributes: readonly string[];
}

export interface TableDefinition {
  readonly partitionKey: KeyAttribute;
  readonly sortKey: KeyAttribute;
  /** Epoch seconds. Nothing relies on the deletion: it only tidies up. */
  readonly timeToLiveAttribute: string;
  readonly indexes: Readonly<Record<'due' | 'duty' | 'list', IndexDefinition>>;
}

export const tableDefinition: TableDefinition = {
  partitionKey: { name: 'pk', type: 'S' },
  sortKey: { name: 'sk', type: 'S' },
  timeToLiveAttribute: 'expiresAtEpochSeconds',
  indexes: {
    /** Connections by the instant of their next refresh: what is due costs by what is due. */
    due: {
      name: 'due',
      partitionKey: { name: 'dueShard', type: 'S' },
      sortKey: { name: 'nextRefreshAt', type: 'N' },
      nonKeyAttributes: ['id', 'orgId', 'generation'],
    },
    /** Connections, sessions, apps, incidents and watches that hold a duty, by the first one's instant. */
    duty: {
      name: 'duty',
      partitionKey: { name: 'dutyShard', type: 'S' },
      sortKey: { name: 'dutyDueAt', type: 'N' },
      nonKeyAttributes: [],
    },
    /** An app's connections in the order of org and user; its watches in that of their last news. */
    list: {
      name: 'list',
      partitionKey: { name: 'listApp', type: 'S' },
      sortKey: { name: 'listOrder', type: 'S' },
      nonKeyAttributes: ['status'],
    },
  },
};

/**
 * Shards of the due and duty indexes. It may only grow, and readers must know first: items keep their shard until
 * their next write.
 */
export const defaultShards = 16;

/** Attributes that the adapter writes beside an item's own; stripped when it is read. */
export const derivedAttributes: ReadonlySet<string> = new Set([
  tableDefinition.partitionKey.name,
  tableDefinition.sortKey.name,
  tableDefinition.timeToLiveAttribute,
  'dueShard',
  'generation',
  'dutyShard',
  'dutyDueAt',
  'listApp',
  'listOrder',
]);

/** On demand, with every index. Expiry is set by a call of its own, which the local engines do not all have. */
export function createTableInput(tableName: string): CreateTableCommandInput {
  const { partitionKey, sortKey } = tableDefinition;
  const indexes = Object.values(tableDefinition.indexes);
  const keys = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    KeySchema: keySchema(partitionKey, sortKey),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keySchema(index.partitionKey, index.sortKey),
      Projection:
        index.nonKeyAttributes.length === 0
          ? { ProjectionType: 'KEYS_ONLY' }
          : { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.nonKeyAttributes] },
    })),
  };
}

function keySchema(partitionKey: KeyAttribute, sortKey: KeyAttribute): KeySchemaElement[] {
  return [
    { AttributeName: partitionKey.name, KeyType: 'HASH' },
    { AttributeName: sortKey.name, KeyType: 'RANGE' },
  ];
}
