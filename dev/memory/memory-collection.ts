/** Compare-and-set over a map: the twin of the DynamoDB adapter's collection, with the same rule for what is removed. */
import { checkCreate, checkReplace } from '../../functions/adapters/dynamodb/bounds.ts';
import type { Kind } from '../../functions/adapters/dynamodb/kinds.ts';
import { readable } from '../../functions/adapters/dynamodb/readable.ts';
import { type Attributes, changesBetween } from '../../functions/adapters/dynamodb/update-expression.ts';
import type { Collection, Written } from '../../functions/core/ports.ts';
import type { Versioned } from '../../functions/core/versioned.ts';
import { plain } from './plain.ts';

export class MemoryCollection<Key, Item extends Versioned> implements Collection<Key, Item> {
  readonly #kind: Kind<Key, Item>;
  readonly #stored = new Map<string, Attributes>();

  constructor(kind: Kind<Key, Item>) {
    this.#kind = kind;
  }

  async read(key: Key): Promise<Item | undefined> {
    const { pk } = this.#kind.itemKey(key);
    const stored = this.#stored.get(pk);
    return stored === undefined ? undefined : readable<Item>(pk, plain(stored), this.#kind.schema);
  }

  async create(item: Item): Promise<Written> {
    checkCreate(item);
    const pk = this.#pkOf(item);
    if (this.#stored.has(pk)) return 'conflict';
    this.#stored.set(pk, plain<unknown>(item) as Attributes);
    return 'written';
  }

  async replace(before: Item, after: Item): Promise<Written> {
    const pk = this.#pkOf(before);
    checkReplace({ key: pk, revision: before.revision }, { key: this.#pkOf(after), revision: after.revision });
    const stored = this.#stored.get(pk);
    if (stored === undefined || stored.revision !== before.revision) return 'conflict';
    const { set, remove } = changesBetween({ ...before } as Attributes, { ...after } as Attributes, this.#kind.known);
    const kept = Object.entries(stored).filter(([name]) => !remove.includes(name));
    this.#stored.set(pk, { ...Object.fromEntries(kept), ...(plain<unknown>(set) as Attributes) });
    return 'written';
  }

  /** Every item as it is stored, unjudged and not copied, in no order: only to look at. */
  all(): Item[] {
    return [...this.#stored.values()] as unknown as Item[];
  }

  entries(): Iterable<[string, Attributes]> {
    return this.#stored.entries();
  }

  #pkOf(item: Item): string {
    return this.#kind.itemKey(this.#kind.keyOf(item)).pk;
  }
}
