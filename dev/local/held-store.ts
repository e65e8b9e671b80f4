/**
 * A store that refuses what the policy of its Lambda's role refuses in AWS: the requests that the adapter would make, by
 * action, kind of item and attributes, held against `lib/table-rights.ts`. On the local stack, where no IAM is, and in
 * the fault simulation.
 */
import {
  appKind,
  connectionKind,
  incidentKind,
  integrationKind,
  introductionKind,
  type Kind,
  ledgerKind,
  sessionKind,
  watchKind,
} from '../../functions/adapters/dynamodb/kinds.ts';
import {
  type Attributes,
  changesBetween,
  withAttributes,
} from '../../functions/adapters/dynamodb/update-expression.ts';
import type { Collection, Store } from '../../functions/core/ports.ts';
import type { FunctionName } from '../../functions/core/routes.ts';
import type { Versioned } from '../../functions/core/versioned.ts';
import { type ItemAction, type ItemKind, mayDo, tableRights } from '../../lib/table-rights.ts';

/** @param refused told of what the role may not; what it does decides what the caller sees. @default throws */
export function heldStore(store: Store, name: FunctionName, refused: (what: string) => void = deny): Store {
  const check = (action: ItemAction, kind: ItemKind, attributes?: readonly string[]) => {
    if (mayDo(tableRights[name], action, kind, attributes)) return;
    refused(`${name} may not ${action} of ${kind}${attributes === undefined ? '' : ` with ${attributes.join(', ')}`}`);
  };
  const hold = <Key, Item extends Versioned>(
    inner: Collection<Key, Item>,
    of: ItemKind,
    kind: Kind<Key, Item>,
  ): Collection<Key, Item> => ({
    read: async (key) => {
      check('GetItem', of);
      return inner.read(key);
    },
    create: async (item) => {
      check('PutItem', of, [...Object.keys(item), 'pk', 'sk']);
      return inner.create(item);
    },
    replace: async (before, after) => {
      check('UpdateItem', of, writtenBy(kind, before, after, store.shards));
      return inner.replace(before, after);
    },
  });
  // Looked up at each access, as the handlers do: a test's store may change under them.
  return {
    get sessions() {
      return hold(store.sessions, 'session', sessionKind);
    },
    get connections() {
      return hold(store.connections, 'connection', connectionKind);
    },
    get integrations() {
      return hold(store.integrations, 'integration', integrationKind);
    },
    get ledgers() {
      return hold(store.ledgers, 'ledger', ledgerKind);
    },
    get introductions() {
      return hold(store.introductions, 'introduction', introductionKind);
    },
    get apps() {
      return hold(store.apps, 'app', appKind);
    },
    get watches() {
      return hold(store.watches, 'watch', watchKind);
    },
    get incidents() {
      return hold(store.incidents, 'incident', incidentKind);
    },
    ...heldCalls(store, check),
  };
}

type Collections =
  | 'sessions'
  | 'connections'
  | 'integrations'
  | 'ledgers'
  | 'introductions'
  | 'apps'
  | 'incidents'
  | 'watches';

type Check = (action: ItemAction, kind: ItemKind, attributes?: readonly string[]) => void;

/** Those beside the collections. Queries of indexes are not looked at: a policy names each index by its ARN. */
function heldCalls(store: Store, check: Check): Omit<Store, Collections> {
  return {
    shards: store.shards,
    dueConnections: (...all) => store.dueConnections(...all),
    dueDuties: (...all) => store.dueDuties(...all),
    listConnections: async (...all) => {
      check('BatchGetItem', 'connection');
      return store.listConnections(...all);
    },
    countConnections: (...all) => store.countConnections(...all),
    recentWatches: async (...all) => {
      check('BatchGetItem', 'watch');
      return store.recentWatches(...all);
    },
    addUse: async (...all) => {
      check('PutItem', 'connection', ['pk', 'sk', 'version', 'tenant', 'integration']);
      return store.addUse(...all);
    },
    removeUse: async (...all) => {
      check('DeleteItem', 'connection');
      return store.removeUse(...all);
    },
    usesOf: async (...all) => {
      check('Query', 'connection');
      return store.usesOf(...all);
    },
    rememberUsername: async (...all) => {
      check('PutItem', 'username');
      return store.rememberUsername(...all);
    },
    connectionOfUsername: async (...all) => {
      check('GetItem', 'username');
      return store.connectionOfUsername(...all);
    },
    noteReader: async (...all) => {
      check('UpdateItem', 'waiting readers');
      return store.noteReader(...all);
    },
    readersOf: async (...all) => {
      check('GetItem', 'waiting readers');
      return store.readersOf(...all);
    },
    readDataKey: async (...all) => {
      check('GetItem', 'data key');
      return store.readDataKey(...all);
    },
    putDataKeyIfAbsent: async (...all) => {
      check('PutItem', 'data key');
      check('GetItem', 'data key');
      return store.putDataKeyIfAbsent(...all);
    },
  };
}

/** The attributes that the adapter's UpdateItem names, keys and condition included. */
function writtenBy<Item extends Versioned>(
  kind: Pick<Kind<never, Item>, 'known' | 'derived'>,
  before: Item,
  after: Item,
  shards: number,
): string[] {
  const changes = changesBetween(attributesOf(before), attributesOf(after), kind.known);
  const { set, remove } = withAttributes(changes, kind.derived(after, shards));
  return [...new Set(['pk', 'sk', 'revision', ...Object.keys(set), ...remove])];
}

function attributesOf(item: object): Attributes {
  return { ...item };
}

function deny(what: string): never {
  throw new Error(`AccessDenied: ${what}`);
}
