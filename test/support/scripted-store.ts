/**
 * The store in memory, counted and disturbed by a script: writes whose answer is lost, writes that are refused, and
 * acts of others that come in just before a call.
 */
import { createMemoryStore, type MemoryStore } from '../../dev/memory/memory-store.ts';
import { StoreUnavailableError } from '../../functions/core/errors.ts';
import type { Collection, Store } from '../../functions/core/ports.ts';
import type { Versioned } from '../../functions/core/versioned.ts';

export type Disturbance =
  /** Not applied; throws. */
  | 'unavailable'
  /** Applied; throws: the outcome is unknown to the caller. */
  | 'answer_lost'
  /** Applied; the SDK's retry then reports a conflict. */
  | 'retried'
  /** Not applied; reports a conflict. */
  | 'refused'
  /** Runs before the call, which then goes on. */
  | (() => void | Promise<void>);

type Act = () => Promise<unknown>;

export interface ScriptedStore extends Store {
  /** The store beneath: not counted, not disturbed. */
  readonly inner: MemoryStore;
  /** Calls so far by name, e.g. `connections.read`, `readDataKey`. */
  readonly calls: Map<string, number>;
  /** The next calls of this name, one disturbance each. */
  disturb(name: string, ...disturbances: Disturbance[]): void;
  /** Every call of this name until the function says no more. */
  disturbWhile(name: string, disturbance: Disturbance, holds: () => boolean): void;
  /** Calls counted in total, and from here on anew. */
  resetCalls(): void;
}

type CollectionName = { [Name in keyof Store]: Store[Name] extends { replace: unknown } ? Name : never }[keyof Store];

/** The compiler names one that is missing: it would be neither counted nor disturbed. */
const collections: { readonly [Name in CollectionName]: Name } = {
  sessions: 'sessions',
  connections: 'connections',
  integrations: 'integrations',
  ledgers: 'ledgers',
  introductions: 'introductions',
  apps: 'apps',
  incidents: 'incidents',
  watches: 'watches',
};

export function createScriptedStore(inner: MemoryStore = createMemoryStore()): ScriptedStore {
  const calls = new Map<string, number>();
  const scripts = new Map<string, Disturbance[]>();
  const standing = new Map<string, { disturbance: Disturbance; holds: () => boolean }>();

  async function called(name: string, act: Act): Promise<unknown> {
    calls.set(name, (calls.get(name) ?? 0) + 1);
    const always = standing.get(name);
    const disturbance = scripts.get(name)?.shift() ?? (always?.holds() ? always.disturbance : undefined);
    return disturbed(name, disturbance, act);
  }

  function collection<Key, Item extends Versioned>(name: string, one: Collection<Key, Item>): Collection<Key, Item> {
    return {
      read: (key) => called(`${name}.read`, () => one.read(key)) as ReturnType<typeof one.read>,
      create: (item) => called(`${name}.create`, () => one.create(item)) as ReturnType<typeof one.create>,
      replace: (before, after) =>
        called(`${name}.replace`, () => one.replace(before, after)) as ReturnType<typeof one.replace>,
    };
  }

  const wrapped = Object.fromEntries(
    Object.values(collections).map((name) => [name, collection(name, inner[name] as never)]),
  );
  const others = new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...all: unknown[]) => called(String(name), async () => value.apply(target, all));
    },
  });
  const own: Record<string, unknown> = {
    ...wrapped,
    inner,
    calls,
    disturb: (name: string, ...some: Disturbance[]) => scripts.set(name, [...(scripts.get(name) ?? []), ...some]),
    disturbWhile: (name: string, disturbance: Disturbance, holds: () => boolean) =>
      standing.set(name, { disturbance, holds }),
    resetCalls: () => calls.clear(),
  };
  return new Proxy(others, {
    get: (target, name) => (typeof name === 'string' && name in own ? own[name] : Reflect.get(target, name)),
  }) as unknown as ScriptedStore;
}

async function disturbed(name: string, disturbance: Disturbance | undefined, act: Act): Promise<unknown> {
  switch (disturbance) {
    case undefined:
      return act();
    case 'unavailable':
      throw new StoreUnavailableError(`${name} did not answer.`);
    case 'answer_lost':
      await act();
      throw new StoreUnavailableError(`The answer of ${name} was lost.`);
    case 'retried':
      await act();
      return 'conflict';
    case 'refused':
      return 'conflict';
    default:
      await disturbance();
      return act();
  }
}
