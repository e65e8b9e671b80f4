/** All ports of one process at a time, as the real handlers see them: each call is a step of the world's. */
import { parseConfig } from '../../functions/core/config.ts';
import {
  AppMisconfiguredError,
  KeysUnavailableError,
  LifeboatUnavailableError,
  StoreUnavailableError,
} from '../../functions/core/errors.ts';
import type {
  Clock,
  Collection,
  Lifeboat,
  Ports,
  Random,
  Refresher,
  RefreshQueue,
  Store,
} from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import type { Versioned } from '../../functions/core/versioned.ts';
import { clear } from './cleartext.ts';
import type { Fault } from './faults.ts';
import { salesforcePort } from './salesforce-port.ts';
import type { Process, World } from './world.ts';

export const config = parseConfig({ apps: { crm: { clientId: 'crm-client' } } }, 'simulation');
export const clientSecret = clear('secret', 1);
export const publicUrl = 'https://grants.example';

/** The process that runs in a warm function just now. */
export interface Running {
  process: Process;
  random: Random;
}

export interface OutsidePorts {
  readonly refresher: (caller: Process) => Refresher;
  readonly refreshQueue: (caller: Process) => RefreshQueue;
}

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

export function processPorts(world: World, running: Running, outside: OutsidePorts): Ports {
  const clock = clockOf(world, running);
  return {
    config,
    publicUrl,
    clock,
    random: { bytes: (length) => running.random.bytes(length), fraction: () => running.random.fraction() },
    store: storeOf(world, running),
    lifeboat: lifeboatOf(world, running),
    keys: {
      generateDataKey: (context) =>
        world.call(running.process, {
          name: 'keys.generate',
          about: context.scope,
          faults: ['crash_before', 'keys_unavailable'],
          failure: () => ({ error: new KeysUnavailableError('The key service does not answer.') }),
          preempts: false,
          act: () => world.sealing.generate(context, running.random.bytes(16)),
        }),
      unwrapDataKey: (wrapped, context) =>
        world.call(running.process, {
          name: 'keys.unwrap',
          about: context.scope,
          faults: ['crash_before', 'keys_unavailable'],
          failure: () => ({ error: new KeysUnavailableError('The key service does not answer.') }),
          preempts: false,
          act: () => world.sealing.unwrap(wrapped, context),
        }),
    },
    sealer: world.sealing.sealer,
    salesforce: salesforcePort(world, running),
    secrets: {
      of: (app) =>
        world.call(running.process, {
          name: 'secrets.of',
          about: app,
          faults: ['crash_before', 'secret_unreadable'],
          failure: () => ({ error: new AppMisconfiguredError(app, 'The secret cannot be read.') }),
          preempts: false,
          act: () => ({ current: new Secret(clientSecret) }),
        }),
    },
    refreshQueue: { send: (requests) => outside.refreshQueue(running.process).send(requests) },
    refresher: { refresh: (request) => outside.refresher(running.process).refresh(request) },
    alerts: {
      publish: (alert) =>
        world.call(running.process, {
          name: 'alerts.publish',
          about: `${alert.type} ${alert.id}`,
          faults: ['crash_before', 'crash_after', 'alert_failed', 'alert_answer_lost'],
          failure: (fault) => ({ error: new Error(`The topic: ${fault}.`) }),
          preempts: false,
          act: () => world.monitor.alerted(alert),
        }),
    },
    configurationStep: {
      run: (event) =>
        world.call<void>(running.process, {
          name: 'configurationStep.run',
          about: `${event.tenant}/${event.integration}`,
          faults: ['crash_before', 'crash_after', 'configuration_failed'],
          failure: () => ({ error: new Error('The step failed.') }),
          preempts: false,
          act: () => undefined,
        }),
    },
    log: logOf(world, running),
    metrics: { add: () => undefined },
  };
}

function clockOf(world: World, running: Running): Clock {
  return {
    now: () => world.now() + running.process.skewMs,
    wait(ms, signal) {
      const { process } = running;
      const { promise, resolve } = Promise.withResolvers<void>();
      const step = world.scheduler.add({
        at: world.now() + Math.max(0, ms),
        name: 'wait',
        owner: process.id,
        preempts: false,
        run: () => (process.alive ? resolve() : undefined),
      });
      signal?.addEventListener('abort', () => {
        world.scheduler.drop(step);
        resolve();
      });
      return promise;
    },
  };
}

function logOf(world: World, running: Running): Ports['log'] {
  const line = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    if (world.traced === undefined) return;
    const text = JSON.stringify(fields, (name, value) => {
      // Measured on the real clock: would differ at a replay.
      if (name === 'duration_ms') return undefined;
      return value instanceof Error ? `${value.name}: ${value.message}` : value;
    });
    world.monitor.logged(`${message} ${text}`);
    world.note(running.process, `  log ${level}: ${message} ${text}`);
  };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

function storeOf(world: World, running: Running): Store {
  const { store, monitor } = world;

  function storeCall<T>(name: string, faults: readonly Fault[], act: () => T, about: string): Promise<T> {
    const { process } = running;
    return world.call<T>(process, {
      name: `store.${name}`,
      about,
      faults,
      // Only what several processes write: nobody could tell when the others happen.
      preempts: name.startsWith('connections.'),
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

function lifeboatOf(world: World, running: Running): Lifeboat {
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
