/** A process that dies: from a chosen write on, nothing that it asks of the store or of Salesforce happens any more. */
import type { Connection } from '../../functions/core/connection.ts';
import type { Collection, Ports } from '../../functions/core/ports.ts';
import type { Versioned } from '../../functions/core/versioned.ts';
import type { Watch } from '../../functions/core/watch.ts';

class Killed extends Error {
  constructor() {
    super('The process was killed.');
    this.name = 'Killed';
  }
}

/** `isLast` sees each write to a connection as it is stored; the one where it says so is the process's last act. */
export function dyingAfter(ports: Ports, isLast: (after: Connection) => boolean): Ports {
  return dying(ports, { connections: isLast });
}

/** As `dyingAfter`, by a write to the watch of an org or a fleet. */
export function dyingAfterWatch(ports: Ports, isLast: (after: Watch) => boolean): Ports {
  return dying(ports, { watches: isLast });
}

interface LastWrites {
  readonly connections?: (after: Connection) => boolean;
  readonly watches?: (after: Watch) => boolean;
}

function dying(ports: Ports, last: LastWrites): Ports {
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
  const connections = mortal(ending(store.connections, last.connections ?? never));
  const watches = mortal(ending(store.watches, last.watches ?? never));
  const others = mortal(store);
  const mortalStore = new Proxy(others, {
    get(target, name) {
      if (name === 'sessions') return sessions;
      if (name === 'integrations') return integrations;
      if (name === 'connections') return connections;
      if (name === 'watches') return watches;
      return Reflect.get(target, name);
    },
  });
  return { ...ports, store: mortalStore, salesforce: mortal(ports.salesforce), alerts: mortal(ports.alerts) };
}

const never = () => false;
