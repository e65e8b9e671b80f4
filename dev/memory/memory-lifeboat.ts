/**
 * The port `Lifeboat` in memory: the twin of the S3 adapter, held to the same contract. Entries cross as JSON, as they
 * do there; every call is atomic and takes one turn of the microtask queue; faults are somebody else's.
 */
import { cursorAfter, keyAfter, lifeboatKey, prefixOf } from '../../functions/adapters/lifeboat-key.ts';
import { checkLifeboatLimit, maxOfConnection } from '../../functions/adapters/lifeboat-limits.ts';
import { readEntry } from '../../functions/adapters/lifeboat-text.ts';
import type { LifeboatEntry } from '../../functions/core/lifeboat.ts';
import type { Lifeboat } from '../../functions/core/ports.ts';
import { byCodeUnit } from './by-code-unit.ts';

export interface MemoryLifeboat extends Lifeboat {
  /** A copy of all that lies there, ordered by key: for checks. */
  all(): LifeboatEntry[];
}

export function createMemoryLifeboat(): MemoryLifeboat {
  const objects = new Map<string, string>();
  const keysFrom = (accept: (key: string) => boolean) => [...objects.keys()].filter(accept).sort(byCodeUnit);
  const entriesOf = (keys: readonly string[]) => keys.map((key) => readEntry({ key, text: objects.get(key) ?? '' }));

  return {
    async put(entry) {
      objects.set(lifeboatKey(entry), JSON.stringify(entry));
    },

    async ofConnection(connectionId) {
      const prefix = prefixOf(connectionId);
      return entriesOf(keysFrom((key) => key.startsWith(prefix)).slice(0, maxOfConnection));
    },

    async list(limit, cursor) {
      checkLifeboatLimit(limit);
      const after = cursor === undefined ? '' : keyAfter(cursor);
      const keys = keysFrom((key) => key > after);
      const items = entriesOf(keys.slice(0, limit));
      const last = keys[limit - 1];
      return keys.length <= limit || last === undefined ? { items } : { items, cursor: cursorAfter(last) };
    },

    async remove(entry) {
      objects.delete(lifeboatKey(entry));
    },

    all: () => entriesOf(keysFrom(() => true)),
  };
}
