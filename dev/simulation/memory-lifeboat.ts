/** The port `Lifeboat` in memory; every call is atomic, faults are somebody else's. */
import type { LifeboatEntry } from '../../functions/core/lifeboat.ts';
import type { Page } from '../../functions/core/ports.ts';

export class MemoryLifeboat {
  readonly #entries = new Map<string, LifeboatEntry>();

  put(entry: LifeboatEntry): void {
    this.#entries.set(keyOf(entry), entry);
  }

  ofConnection(connectionId: string): LifeboatEntry[] {
    return this.all().filter((entry) => entry.connectionId === connectionId);
  }

  list(limit: number, cursor?: string): Page<LifeboatEntry> {
    const after = this.all().filter((entry) => cursor === undefined || keyOf(entry) > cursor);
    const items = after.slice(0, limit);
    const last = items.at(-1);
    return after.length === items.length || last === undefined ? { items } : { items, cursor: keyOf(last) };
  }

  remove(entry: Pick<LifeboatEntry, 'connectionId' | 'attemptId'>): LifeboatEntry | undefined {
    const found = this.#entries.get(keyOf(entry));
    this.#entries.delete(keyOf(entry));
    return found;
  }

  all(): LifeboatEntry[] {
    return [...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  }
}

function keyOf({ connectionId, attemptId }: Pick<LifeboatEntry, 'connectionId' | 'attemptId'>): string {
  return `${connectionId}/${attemptId}`;
}
