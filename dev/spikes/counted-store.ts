/**
 * The store of a run: counts what is read and written, and sees connections begin to fail. On demand it takes back every
 * pull forward, which shows what an org's death is like without.
 */
import type { Connection } from '../../functions/core/connection.ts';
import type { Collection, Store } from '../../functions/core/ports.ts';
import type { Versioned } from '../../functions/core/versioned.ts';
import { createMemoryStore } from '../memory/memory-store.ts';

/** Of one org's connections, and of what watches them and their fleet; what each minute costs anyway is left out. */
export interface StoreCounts {
  /** Items read, one by one or in a page; a page costs one at least. */
  reads: number;
  writes: number;
  /** Connections made due before their time. */
  pulled: number;
}

const countedMembers: ReadonlySet<string> = new Set([
  'connections',
  'watches',
  'listConnections',
  'countConnections',
  'recentWatches',
]);

export interface CountedStore {
  readonly store: Store;
  readonly counts: StoreCounts;
  /** As they are stored. */
  readonly connections: ReadonlyMap<string, Connection>;
}

export interface CountedStoreOptions {
  /** Whose costs are counted. */
  readonly orgId: string;
  readonly pulls: boolean;
  /** A write was applied. */
  readonly onWritten: (before: Connection | undefined, after: Connection) => void;
}

export function createCountedStore({ orgId, pulls, onWritten }: CountedStoreOptions): CountedStore {
  const inner = createMemoryStore();
  const counts: StoreCounts = { reads: 0, writes: 0, pulled: 0 };
  const known = new Map<string, Connection>();
  const costOf = (name: string, id: unknown) => {
    const counts = countedMembers.has(name) && typeof id === 'string' && (id.includes(orgId) || id.includes('.fleet_'));
    return counts ? 1 : 0;
  };

  function collection(name: string, of: Collection<unknown, Versioned>): Collection<unknown, Versioned> {
    const noted = (before: Versioned | undefined, after: Versioned) => {
      if (name !== 'connections') {
        counts.writes += costOf(name, (after as { id?: string }).id);
        return;
      }
      const connection = after as Connection;
      known.set(connection.id, connection);
      onWritten(before as Connection | undefined, connection);
    };
    return {
      read(key) {
        counts.reads += costOf(name, key);
        return of.read(key);
      },
      async create(item) {
        const outcome = await of.create(item);
        if (outcome === 'written') noted(undefined, item);
        return outcome;
      },
      async replace(before, wanted) {
        const pulled = name === 'connections' && isPull(before as Connection, wanted as Connection);
        const after = pulled && !pulls ? { ...wanted, nextRefreshAt: (before as Connection).nextRefreshAt } : wanted;
        const outcome = await of.replace(before, after);
        if (outcome !== 'written') return outcome;
        // One that was taken back is none.
        if (!pulled || pulls) counts.writes += costOf(name, (after as Connection).id);
        if (pulled && pulls) counts.pulled += 1;
        noted(before, after);
        return outcome;
      },
    };
  }

  function member([name, value]: [string, unknown]): [string, unknown] {
    if (typeof value === 'object' && value !== null && 'replace' in value) {
      return [name, collection(name, value as Collection<unknown, Versioned>)];
    }
    if (typeof value !== 'function') return [name, value];
    return [
      name,
      async (...all: unknown[]) => {
        const answer: unknown = await value.apply(inner, all);
        const [filter] = all as [{ orgId?: string } | undefined];
        if (countedMembers.has(name) && (filter?.orgId ?? orgId) === orgId) counts.reads += itemsIn(answer);
        return answer;
      },
    ];
  }

  const store = Object.fromEntries(Object.entries(inner).map(member)) as unknown as Store;
  return { store, counts, connections: known };
}

/** Made due earlier, and nothing of its grant is touched. */
function isPull(before: Connection, after: Connection): boolean {
  return before.grant === after.grant && (after.nextRefreshAt ?? 0) < (before.nextRefreshAt ?? 0);
}

function itemsIn(answer: unknown): number {
  const items = Array.isArray(answer) ? answer : (answer as { items?: unknown[] } | undefined)?.items;
  return Math.max(1, items?.length ?? 1);
}
