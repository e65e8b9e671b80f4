/**
 * Which items of the table each Lambda may do what with: the roles' policies are made from it (`table.ts`), and the local
 * stack and the fault simulation hold the functions to it (`dev/local/held-store.ts`), so that a right that is missing
 * shows in a test, not in production.
 *
 * By kind of item, for its partition key begins with one (`dynamodb:LeadingKeys`), and for some by attribute
 * (`dynamodb:Attributes`). An attribute that holds a map is one: whoever may write `grant` may write all of it.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
import type { FunctionName } from '../functions/core/routes.ts';

/** What is done with single items, named one by one: there is no Scan among them, and no wildcard. */
export type ItemAction = 'GetItem' | 'BatchGetItem' | 'Query' | 'PutItem' | 'UpdateItem' | 'DeleteItem';

/** What the partition keys begin with (`functions/adapters/dynamodb/keys.ts`). Uses lie beside their connection. */
export const kindPrefixes = {
  connection: 'C#',
  session: 'S#',
  integration: 'I#',
  ledger: 'L#',
  username: 'U#',
  'data key': 'K#',
  app: 'A#',
  introduction: 'B#',
  incident: 'N#',
  watch: 'W#',
  'waiting readers': 'R#',
  identity: 'T#',
} as const;

export type ItemKind = keyof typeof kindPrefixes;

export interface TableRight {
  readonly actions: readonly ItemAction[];
  readonly kinds: readonly ItemKind[];
  /** The only attributes that a write may name; keys and condition count. @default - any */
  readonly attributes?: readonly string[];
}

const keys = ['pk', 'sk'];
/** In every write of an item under compare-and-set. */
const versioned = [...keys, 'revision', 'writeId'];
/** Written anew by every write of a connection, for the indexes. */
const indexed = ['dueShard', 'generation', 'nextRefreshAt', 'dutyShard', 'dutyDueAt', 'listApp', 'listOrder'];
const useAttributes = [...keys, 'version', 'tenant', 'integration'];

/** Of a disconnect and what it owes. It makes no other app's, org's or user's connection of one. */
const disconnecting = [
  ...versioned,
  ...indexed,
  'status',
  'cause',
  'grant',
  'duties',
  'disconnectedAt',
  'failingSince',
  'absorbedBy',
];

const right = (
  actions: readonly ItemAction[],
  kinds: readonly ItemKind[],
  attributes?: readonly string[],
): TableRight => (attributes === undefined ? { actions, kinds } : { actions, kinds, attributes });

/** A link moves an integration, and records its use beside the connection, or takes it back. */
const linking: readonly TableRight[] = [right(['Query', 'DeleteItem'], ['connection'])];

export const tableRights: Readonly<Record<FunctionName, readonly TableRight[]>> = {
  connect: [
    right(['GetItem'], ['connection', 'session', 'integration', 'ledger', 'username', 'identity']),
    right(['PutItem'], ['session', 'integration', 'ledger', 'identity']),
    right(['UpdateItem'], ['session', 'integration', 'ledger']),
    // A claim links: uses, the duty to link, and the end of a connection that lost its last use.
    right(['PutItem'], ['connection'], useAttributes),
    right(['UpdateItem'], ['connection'], disconnecting),
    ...linking,
  ],
  callback: [
    right(['GetItem'], ['connection', 'session', 'integration', 'ledger', 'identity']),
    right(['PutItem'], ['connection', 'integration', 'ledger', 'username', 'identity']),
    right(['UpdateItem'], ['connection', 'session', 'integration', 'ledger']),
    ...linking,
  ],
  configure: [
    right(['GetItem'], ['connection', 'integration', 'ledger']),
    right(['PutItem'], ['ledger', 'username']),
    right(['UpdateItem'], ['integration', 'ledger']),
  ],
  'schedule-refreshes': [right(['GetItem'], ['identity'])],
  refresh: [
    right(['GetItem'], ['connection', 'session', 'ledger', 'app', 'watch', 'data key', 'identity']),
    // Counts the connections of an org where one dies.
    right(['BatchGetItem'], ['connection', 'watch']),
    right(['PutItem'], ['app', 'watch', 'data key', 'username', 'identity']),
    right(['UpdateItem'], ['connection', 'app', 'watch']),
  ],
  'jwt-bearer': [
    right(
      ['GetItem'],
      ['connection', 'session', 'integration', 'ledger', 'username', 'app', 'introduction', 'identity'],
    ),
    right(['PutItem'], ['connection', 'integration', 'ledger', 'username', 'app', 'introduction', 'identity']),
    right(['UpdateItem'], ['connection', 'integration', 'ledger', 'app', 'introduction']),
    ...linking,
  ],
  token: [
    right(['GetItem'], ['connection', 'data key', 'waiting readers']),
    right(['Query'], ['connection']),
    // Marks a read, and a rejected token. It can put off no duty, end no connection, and move none to another org.
    right(['UpdateItem'], ['connection'], [...versioned, ...indexed, 'grant', 'rejections']),
    right(['UpdateItem'], ['waiting readers']),
  ],
  connections: [
    right(['GetItem'], ['connection', 'integration', 'ledger', 'app', 'watch', 'incident']),
    right(['BatchGetItem'], ['connection', 'watch']),
    right(['Query', 'DeleteItem'], ['connection']),
    // Uses only: where an integration is linked anew while it is unlinked.
    right(['PutItem'], ['connection'], useAttributes),
    right(['UpdateItem'], ['connection'], disconnecting),
    right(['UpdateItem'], ['integration']),
  ],
  maintain: [
    right(
      ['GetItem'],
      ['connection', 'session', 'integration', 'ledger', 'app', 'incident', 'watch', 'data key', 'identity'],
    ),
    right(['BatchGetItem'], ['connection', 'watch']),
    right(['PutItem'], ['connection', 'integration', 'ledger', 'app', 'incident', 'watch', 'identity']),
    right(['UpdateItem'], ['connection', 'session', 'integration', 'ledger', 'app', 'incident', 'watch']),
    ...linking,
  ],
};

/** Whether some right covers the request. */
export function mayDo(
  rights: readonly TableRight[],
  action: ItemAction,
  kind: ItemKind,
  attributes: readonly string[] = [],
): boolean {
  return rights.some(
    (one) =>
      one.actions.includes(action) &&
      one.kinds.includes(kind) &&
      (one.attributes === undefined || attributes.every((name) => one.attributes?.includes(name))),
  );
}
