/** A process that dies: from a chosen write on, nothing that it asks of the store or of Salesforce happens any more. */
import type { Connection } from '../../functions/core/connection.ts';
import type { Collection, Ports } from '../../functions/core/ports.ts';
import type { Versioned } from '../../functions/core/versioned.ts';

class Killed extends Error {
  constructor() {
    super('The process was killed.');
    this.name = 'Killed';
  }
}

/** `isLast` sees each write to a connection as it is stored; the one where it says so is the process's last act. */
export function dyingAfter(ports: Ports, isLast: (after: Connection) => boolean): Ports {
  let dead = false;

  function mortal<T extends object>(port: T): T {
    return new Proxy(port, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...all: unknown[]) => (dead ? Promise.reject(new Killed()) : value.apply(target, all));
      },
    });
  }

  function ending<Key, Item extends Versioned>(
    collection: Collection<Key, Item>,
    last: (after: Item) => boolean,
  ): Collection<Key, Item> {
    const andDie = async <T>(after: Item, written: Promise<T>): Promise<T> => {
      const outcome = await written;
      if (!last(after)) return outcome;
      dead = true;
      throw new Killed();
    };
    return {
      read: (key) => collection.read(key),
      create: (item) => andDie(item, collection.create(item)),
      replace: (before, after) => andDie(after, collection.replace(before, after)),
    };
  }

  const { store } = ports;
  const sessions = mortal(store.sessions);
  const integrations = mortal(store.integrations);
  const connections = mortal(ending(store.connections, isLast));
  const others = mortal(store);
  const dying = new Proxy(others, {
    get(target, name) {
      if (name === 'sessions') return sessions;
      if (name === 'integrations') return integrations;
      if (name === 'connections') return connections;
      return Reflect.get(target, name);
    },
  });
  return { ...ports, store: dying, salesforce: mortal(ports.salesforce) };
}
