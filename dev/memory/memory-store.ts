/**
 * The port `Store` in memory: the twin of the DynamoDB adapter, held to the same contract, for the fault simulation
 * and for fast tests. Every call is atomic and takes one turn of the microtask queue; faults are somebody else's.
 */
import {
  checkInstant,
  checkLimit,
  checkShard,
  maxCountLimit,
  maxListLimit,
  maxWatchesLimit,
} from '../../functions/adapters/dynamodb/bounds.ts';
import { countsOf } from '../../functions/adapters/dynamodb/counting.ts';
import { formatListCursor, parseListCursor } from '../../functions/adapters/dynamodb/cursor.ts';
import { dataKeyKey } from '../../functions/adapters/dynamodb/keys.ts';
import {
  appKind,
  connectionKind,
  incidentKind,
  integrationKind,
  introductionKind,
  ledgerKind,
  listOrderOf,
  sessionKind,
  watchKind,
} from '../../functions/adapters/dynamodb/kinds.ts';
import { shardOf } from '../../functions/adapters/dynamodb/shard.ts';
import { defaultShards } from '../../functions/adapters/dynamodb/table.ts';
import { newestFirst } from '../../functions/adapters/dynamodb/watch-listing.ts';
import type { Connection } from '../../functions/core/connection.ts';
import { firstDueAt } from '../../functions/core/duty.ts';
import { generationOf } from '../../functions/core/grant.ts';
import type { DueConnection, DueDuty, Store, StoredDataKey } from '../../functions/core/ports.ts';
import { byCodeUnit } from './by-code-unit.ts';
import { MemoryCollection } from './memory-collection.ts';
import { type Due, duePage } from './memory-due-page.ts';
import { MemoryUsernames } from './memory-usernames.ts';
import { MemoryUses } from './memory-uses.ts';
import { MemoryWaitingReaders } from './memory-waiting-readers.ts';
import { plain } from './plain.ts';

export interface MemoryStore extends Store {
  /**
   * A copy of all that is stored, ordered by key: for checks, and to tell equal states from each other. Without the counts
   * of waiting readers, which are forgotten within the minute.
   */
  dump(): Readonly<Record<string, unknown>>;
}

export interface MemoryStoreOptions {
  /** @default 16 */
  readonly shards?: number;
}

export function createMemoryStore({ shards = defaultShards }: MemoryStoreOptions = {}): MemoryStore {
  const sessions = new MemoryCollection(sessionKind);
  const connections = new MemoryCollection(connectionKind);
  const integrations = new MemoryCollection(integrationKind);
  const ledgers = new MemoryCollection(ledgerKind);
  const introductions = new MemoryCollection(introductionKind);
  const apps = new MemoryCollection(appKind);
  const incidents = new MemoryCollection(incidentKind);
  const watches = new MemoryCollection(watchKind);
  const uses = new MemoryUses();
  const usernames = new MemoryUsernames();
  const waitingReaders = new MemoryWaitingReaders();
  const dataKeys = new Map<string, StoredDataKey>();
  const inShard = (shard: number) => (item: { readonly id: string }) => shardOf(item.id, shards) === shard;

  return {
    sessions,
    connections,
    integrations,
    ledgers,
    introductions,
    apps,
    incidents,
    watches,
    shards,

    async dueConnections(shard, now, limit, cursor) {
      checkShard(shard, shards);
      const due = connections.all().filter(inShard(shard)).flatMap(dueConnectionOf);
      return duePage('due', due.map(asDue), { shard, now, limit, cursor });
    },

    async dueDuties(shard, now, limit, cursor) {
      checkShard(shard, shards);
      const held = [
        ...connections.all().map((item) => ({ holder: 'connection' as const, item })),
        ...sessions.all().map((item) => ({ holder: 'session' as const, item })),
        ...apps.all().map((item) => ({ holder: 'app' as const, item })),
        ...incidents.all().map((item) => ({ holder: 'incident' as const, item })),
        ...watches.all().map((item) => ({ holder: 'watch' as const, item })),
      ];
      const due = held.flatMap(({ holder, item }): Due<DueDuty>[] => {
        const at = inShard(shard)(item) ? firstDueAt(item.duties) : undefined;
        return at === undefined ? [] : [{ at, holder, id: item.id, value: { holder, id: item.id, dueAt: at } }];
      });
      return duePage('duty', due, { shard, now, limit, cursor });
    },

    async listConnections(filter, limit, cursor) {
      checkLimit(limit, maxListLimit);
      const after = cursor === undefined ? undefined : parseListCursor(cursor, filter);
      const found = connections
        .all()
        .filter(({ app, orgId, status }) => matches(filter, { app, orgId, status }))
        .filter((connection) => after === undefined || listOrderOf(connection) > after)
        .sort((a, b) => byCodeUnit(listOrderOf(a), listOrderOf(b)));
      const page = found.slice(0, limit);
      const items = (await Promise.all(page.map(({ id }) => connections.read(id)))).filter(
        (item) => item !== undefined,
      );
      const last = page.at(-1);
      if (found.length === page.length || last === undefined) return { items };
      return { items, cursor: formatListCursor(filter, listOrderOf(last)) };
    },

    async countConnections(app, limit) {
      checkLimit(limit, maxCountLimit);
      const found = connections.all().filter((connection) => connection.app === app);
      const inOrder = found.sort((a, b) => byCodeUnit(listOrderOf(a), listOrderOf(b)));
      return countsOf(
        inOrder.map(({ status }) => status),
        limit,
        false,
      );
    },

    async recentWatches(app, since, limit) {
      checkInstant('since', since);
      checkLimit(limit, maxWatchesLimit);
      const recent = watches.all().filter((watch) => watch.app === app && watch.activeAt >= since);
      const found = await Promise.all(
        newestFirst(recent)
          .slice(0, limit)
          .map(({ id }) => watches.read(id)),
      );
      return found.filter((watch) => watch !== undefined);
    },

    addUse: async (connectionId, use) => uses.add(connectionId, use),
    removeUse: async (connectionId, use) => uses.remove(connectionId, use),
    usesOf: async (connectionId, limit, tenant) => uses.of(connectionId, limit, tenant),

    rememberUsername: async (app, username, connectionId) => usernames.remember(app, username, connectionId),
    connectionOfUsername: async (app, username) => usernames.connectionOf(app, username),

    noteReader: async (orgId, period, step) => waitingReaders.note(orgId, period, step),
    readersOf: async (orgId, period) => waitingReaders.of(orgId, period),

    async readDataKey(orgId, purpose, id) {
      const { pk, sk } = dataKeyKey(orgId, purpose);
      const stored = plain(dataKeys.get(`${pk}/${sk}`));
      return id === undefined || stored?.id === id ? stored : undefined;
    },

    async putDataKeyIfAbsent({ orgId, purpose, id, wrapped }) {
      const { pk, sk } = dataKeyKey(orgId, purpose);
      const stored = dataKeys.get(`${pk}/${sk}`) ?? { orgId, purpose, id, wrapped };
      dataKeys.set(`${pk}/${sk}`, stored);
      return { ...stored };
    },

    dump() {
      const collections = [
        sessions,
        connections,
        integrations,
        ledgers,
        introductions,
        apps,
        incidents,
        watches,
        uses,
        usernames,
      ];
      const parts = [...collections.map((one): Iterable<[string, unknown]> => one.entries()), dataKeys];
      const all = parts.flatMap((part) => [...part]).sort(([a], [b]) => byCodeUnit(a, b));
      return plain(Object.fromEntries(all));
    },
  };
}

function dueConnectionOf({ id, orgId, grant, nextRefreshAt }: Connection): DueConnection[] {
  if (grant === undefined || nextRefreshAt === undefined) return [];
  return [{ connectionId: id, orgId, generation: generationOf(grant), nextRefreshAt }];
}

function asDue(value: DueConnection): Due<DueConnection> {
  return { at: value.nextRefreshAt, holder: 'connection', id: value.connectionId, value };
}

function matches(
  filter: Parameters<Store['listConnections']>[0],
  { app, orgId, status }: Pick<Connection, 'app' | 'orgId' | 'status'>,
): boolean {
  if (app !== filter.app || (filter.orgId !== undefined && orgId !== filter.orgId)) return false;
  return filter.status === undefined || status === filter.status;
}
