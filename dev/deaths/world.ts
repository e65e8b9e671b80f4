/**
 * A world in which connections live and die: the real flows over the store in memory and the simulated Salesforce, on a
 * clock that jumps from one thing that is due to the next. What Salesforce's books say of a dead grant is the truth that
 * its diagnosis is compared with.
 */
import type { Alert } from '../../functions/core/alert.ts';
import { type GrantkeeperConfigInput, parseConfig } from '../../functions/core/config.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { Diagnosis } from '../../functions/core/diagnosis.ts';
import type { Ports, RefreshRequest } from '../../functions/core/ports.ts';
import { callbackPath } from '../../functions/core/routes.ts';
import { diagnoseConnection } from '../../functions/flows/diagnose-connection.ts';
import { createReadToken } from '../../functions/flows/read-token.ts';
import { createMaintainHandler } from '../../functions/handlers/maintain.ts';
import { createScheduleRefreshesHandler } from '../../functions/handlers/schedule-refreshes.ts';
import { createMemoryStore } from '../memory/memory-store.ts';
import { clientSecret } from '../simulation/bare-ports.ts';
import { contextOf } from '../simulation/lambda-events.ts';
import { type SeededRandom, seededRandom } from '../simulation/seeded-random.ts';
import { publicUrl } from '../simulation/simulated-config.ts';
import { Simulator, type Switches } from '../simulator/simulator.ts';
import { type Authorizing, createAuthorizing } from './authorizing.ts';
import { type Person, peopleOf, populate } from './population.ts';
import { createSleepingClock, type SleepingClock } from './sleeping-clock.ts';
import { createWorldPorts, type WorldPorts } from './world-ports.ts';

export const app = 'crm';
const clientId = 'local-client';
const origin = 'http://127.0.0.1:4999';
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export interface WorldOptions {
  readonly seed: number;
  /** Users by org. */
  readonly sizes: readonly number[];
  readonly switches?: Partial<Switches>;
  readonly settings?: Partial<GrantkeeperConfigInput['apps'][string]>;
}

export interface Died {
  readonly connection: Connection;
  readonly diagnosis: Diagnosis;
}

const batchSize = 10;
const stepsAtMost = 5_000;

export class World {
  readonly random: SeededRandom;
  readonly clock: SleepingClock;
  readonly simulator: Simulator;
  readonly ports: Ports;
  readonly orgs: readonly (readonly Person[])[];
  readonly authorizing: Authorizing;
  readonly alerts: Alert[] = [];
  /** Dead connections whose alert was due, as they were diagnosed then. */
  readonly died: Died[] = [];
  /** Their tokens are read once each cycle. */
  readonly inUse = new Set<string>();
  /** Nothing is refreshed and no duty is done. @default false */
  stopped = false;
  readonly #refresh: WorldPorts['refresh'];
  readonly #schedule: ReturnType<typeof createScheduleRefreshesHandler>;
  readonly #maintain: ReturnType<typeof createMaintainHandler>;
  readonly #read: ReturnType<typeof createReadToken>;
  readonly #verdicts = new Map<string, Connection>();
  #queued: RefreshRequest[] = [];

  constructor({ seed, sizes, switches = {}, settings = {} }: WorldOptions) {
    this.random = seededRandom(seed);
    const start = Date.UTC(2026, 10, 1) + this.random.below(30 * dayMs);
    let underWay = 0;
    this.clock = createSleepingClock(start, () => underWay > 0);
    const orgs = populate(sizes);
    this.orgs = orgs.map(peopleOf);
    const redirectUris = [`${publicUrl}${callbackPath}`];
    const scopes = ['api', 'refresh_token'];
    this.simulator = new Simulator({
      origin,
      now: () => this.clock.now(),
      apps: [{ clientId, clientSecret, redirectUris, scopes }],
      orgs,
      switches,
      random: countedBytes(),
    });
    const config = parseConfig(
      {
        apps: { [app]: { clientId, claim: false, loginUrl: origin, ...settings } },
        publicUrl,
        salesforceOrigin: origin,
      },
      'a world of deaths',
    );
    const world = createWorldPorts({
      seed,
      config,
      clock: this.clock,
      store: watchedStore((connection) => this.#verdicts.set(connection.id, connection)),
      fetch: (request) => {
        underWay += 1;
        return this.simulator.fetch(request).finally(() => {
          underWay -= 1;
        });
      },
      publish: (alert) => this.alerts.push(alert),
      queue: (requests) => this.#queued.push(...requests),
    });
    this.ports = world.ports;
    this.#refresh = world.refresh;
    this.#schedule = createScheduleRefreshesHandler(this.ports);
    this.#maintain = createMaintainHandler(this.ports);
    this.#read = createReadToken(this.ports);
    this.authorizing = createAuthorizing(this.ports, this.simulator, this.clock);
  }

  async connection(id: string): Promise<Connection> {
    const connection = await this.ports.store.connections.read(id);
    if (connection === undefined) throw new Error(`There is no connection ${id}.`);
    return connection;
  }

  pass(ms: number): Promise<void> {
    return this.passTo(this.clock.now() + ms);
  }

  /** Lets the time pass, with all that is due by then. @param enough looked at after each thing that was due */
  async passTo(instant: number, enough: () => boolean | Promise<boolean> = () => false): Promise<void> {
    for (let steps = 0; steps < stepsAtMost; steps += 1) {
      const due = this.stopped ? undefined : await this.#nextDueAt();
      // The schedule and maintain run each minute.
      const next = due === undefined ? undefined : Math.max(due, this.clock.now() + minuteMs);
      if (next === undefined || next > instant) {
        this.clock.advanceTo(instant);
        return;
      }
      this.clock.advanceTo(next);
      await this.#step();
      if (await enough()) return;
    }
    throw new Error(`The world did not come to an end in ${stepsAtMost} steps.`);
  }

  async #nextDueAt(): Promise<number | undefined> {
    const { store } = this.ports;
    const [connections, duties] = await Promise.all([
      store.dueConnections(0, Number.MAX_SAFE_INTEGER, 1),
      store.dueDuties(0, Number.MAX_SAFE_INTEGER, 1),
    ]);
    const instants = [connections.items[0]?.nextRefreshAt, duties.items[0]?.dueAt].filter((at) => at !== undefined);
    return instants.length === 0 ? undefined : Math.min(...instants);
  }

  async #step(): Promise<void> {
    const { clock } = this;
    await clock.run(this.#schedule({}, contextOf(clock)));
    const queued = this.#queued;
    this.#queued = [];
    for (let first = 0; first < queued.length; first += batchSize) {
      await clock.run(this.#refresh(queued.slice(first, first + batchSize)));
    }
    await clock.run(this.#maintain({}, contextOf(clock)));
    for (const { connectionId } of queued) await this.read(connectionId);
    await this.#diagnose();
  }

  /** As a service does that uses the connection; only a token that lives. */
  async read(connectionId: string): Promise<void> {
    if (!this.inUse.has(connectionId)) return;
    const { status, grant } = await this.connection(connectionId);
    if (status !== 'active' || grant === undefined || grant.failures > 0) return;
    await this.clock.run(this.#read({ connectionId }));
  }

  async #diagnose(): Promise<void> {
    const open = [...this.#verdicts.values()];
    this.#verdicts.clear();
    for (const { id } of open) {
      const connection = await this.connection(id);
      if (connection.status !== 'reauthorization_required' || this.#isKnown(connection)) continue;
      if (Object.values(connection.duties).some(({ kind }) => kind === 'alert')) continue;
      const diagnosis = await diagnoseConnection(this.ports, connection);
      if (diagnosis !== undefined) this.died.push({ connection, diagnosis });
    }
  }

  #isKnown({ grant }: Connection): boolean {
    return this.died.some(({ connection }) => connection.grant?.id === grant?.id);
  }
}

/** One shard, for a world is small; every write of a connection that is dead is told. */
function watchedStore(onDead: (connection: Connection) => void): Ports['store'] {
  const inner = createMemoryStore({ shards: 1 });
  const connections: typeof inner.connections = {
    read: (id) => inner.connections.read(id),
    create: (item) => inner.connections.create(item),
    async replace(before, after) {
      const written = await inner.connections.replace(before, after);
      if (written === 'written' && after.status === 'reauthorization_required') onDead(after);
      return written;
    },
  };
  return { ...inner, connections };
}

/** Unguessable to nobody, and the same in every run. */
function countedBytes(): (size: number) => Uint8Array {
  let drawn = 0;
  return (size) => {
    drawn += 1;
    const bytes = new Uint8Array(size);
    new DataView(bytes.buffer).setUint32(0, drawn);
    return bytes;
  };
}
