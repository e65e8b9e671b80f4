/** The ports `Store` and `Lifeboat` of one process at a time, over the twins in memory: each call is a step of the world's. */
import { LifeboatUnavailableError, StoreUnavailableError } from '../../functions/core/errors.ts';
import type { Collection, Lifeboat, Store } from '../../functions/core/ports.ts';
import type { Versioned } from '../../functions/core/versioned.ts';
import type { Fault } from './faults.ts';
import type { Running } from './process-ports.ts';
import type { World } from './world.ts';

const storeWriteFaults: readonly Fault[] = [
  'crash_before',
  'crash_after',
  'store_refused',
  'store_answer_lost',
  'store_retried_as_conflict',
];
const storePutFaults: readonly Fault[] = ['crash_before', 'crash_after', 'store_refused', 'store_answer_lost'];
const storeReadFaults: readonly Fault[] = ['crash_before', 'store_refused'];
const lifeboatWriteFaults: readonly Fault[] = [
  'crash_before',
  'crash_after',
  'lifeboat_refused',
  'lifeboat_answer_lost',
];
const lifeboatReadFaults: readonly Fault[] = ['crash_before', 'lifeboat_refused'];

export function storeOf(world: World, running: Running): Store {
  const { store, monitor } = world;

  function storeCall<T>(name: string, faults: readonly Fault[], act: () => T, about: string): Promise<T> {
    const { process } = running;
    return world.call<T>(process, {
      name: `store.${name}`,
      about,
      faults,
      preempts: world.preempts.test(name),
      act: () => {
        if (world.isOut('store')) {
          world.count('store_outage');
          throw new StoreUnavailableError('The store is out.');
        }
        return act();
      },
      failure: (fault) =>
        fault === 'store_retried_as_conflict'
          ? { answer: 'conflict' as T }
          : { error: new StoreUnavailableError(`The store: ${fault}.`) },
    });
  }

  function collection(name: string, inner: Collection<unknown, Versioned>): Collection<unknown, Versioned> {
    return {
      read: (key) => storeCall(`${name}.read`, storeReadFaults, () => inner.read(key), keyText(key)) as Promise<never>,
      create(item) {
        const { process } = running;
        monitor.writes(process, name, item);
        return storeCall(
          `${name}.create`,
          storeWriteFaults,
          () => applied(inner.create(item), () => monitor.written(process, name, undefined, item)),
          `${item.writeId}`,
        ) as Promise<never>;
      },
      replace(before, after) {
        const { process } = running;
        monitor.writes(process, name, after);
        return storeCall(
          `${name}.replace`,
          storeWriteFaults,
          () => applied(inner.replace(before, after), () => monitor.written(process, name, before, after)),
          `${after.writeId} r${after.revision}`,
        ) as Promise<never>;
      },
    };
  }

  function member([name, value]: [string, unknown]): [string, unknown] {
    if (isCollection(value)) return [name, collection(name, value)];
    if (typeof value !== 'function') return [name, value];
    if (readNames.test(name)) {
      return [
        name,
        (...all: unknown[]) => storeCall(name, storeReadFaults, () => value(...all), keyText(all[1] ?? all[0])),
      ];
    }
    return [
      name,
      (...all: unknown[]) => {
        const about = keyText(all[1] ?? all[0]);
        monitor.writes(running.process, name, { version: 1, revision: 0, writeId: about });
        return storeCall(name, storePutFaults, () => value(...all), about);
      },
    ];
  }

  return Object.fromEntries(Object.entries(store).map(member)) as unknown as Store;
}

const readNames = /^(read|due|list|usesOf|oldest|count)/;

function isCollection(value: unknown): value is Collection<unknown, Versioned> {
  return typeof value === 'object' && value !== null && 'replace' in value;
}

/** The twin is done when it answers: what it does happens before its promise is handed out. */
function applied<T>(written: Promise<T>, then: () => void): Promise<T> {
  return written.then((outcome) => {
    if (outcome === 'written') then();
    return outcome;
  });
}

function keyText(key: unknown): string {
  if (typeof key !== 'object' || key === null) return String(key ?? '');
  const { tenant, integration, purpose } = key as { tenant?: string; integration?: string; purpose?: string };
  return purpose ?? `${tenant}/${integration}`;
}

export function lifeboatOf(world: World, running: Running): Lifeboat {
  const { lifeboat, monitor } = world;

  function boatCall<T>(name: string, faults: readonly Fault[], act: () => T, about: string): Promise<T> {
    const { process } = running;
    return world.call<T>(process, {
      name: `lifeboat.${name}`,
      about,
      faults,
      preempts: true,
      act: () => {
        if (world.isOut('lifeboat')) {
          world.count('lifeboat_outage');
          process.lifeboatRefused ||= name === 'put';
          throw new LifeboatUnavailableError('The lifeboat is out.');
        }
        return act();
      },
      failure: (fault) => {
        process.lifeboatRefused ||= name === 'put' && fault === 'lifeboat_refused';
        return { error: new LifeboatUnavailableError(`The lifeboat: ${fault}.`) };
      },
    });
  }

  return {
    put: (entry) => {
      monitor.rescues(running.process, entry);
      return boatCall(
        'put',
        lifeboatWriteFaults,
        () => {
          lifeboat.put(entry);
          monitor.rescued(entry);
        },
        `${entry.kind} ${entry.attemptId}`,
      );
    },
    ofConnection: (id) => boatCall('ofConnection', lifeboatReadFaults, () => lifeboat.ofConnection(id), id),
    list: (limit, cursor) => boatCall('list', lifeboatReadFaults, () => lifeboat.list(limit, cursor), ''),
    remove: (entry) =>
      boatCall(
        'remove',
        lifeboatWriteFaults,
        () => {
          const removed = lifeboat.remove(entry);
          if (removed !== undefined) monitor.removed(removed);
        },
        entry.attemptId,
      ),
  };
}
