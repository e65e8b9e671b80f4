/**
 * Orgs with many connections, over ports in memory: who is due is refreshed each minute by the real handler, `maintain` runs
 * each minute too, and Salesforce refuses whom a test tells it to.
 */
import type { Alert } from '../../functions/core/alert.ts';
import { parseConfig } from '../../functions/core/config.ts';
import type { Connection } from '../../functions/core/connection.ts';
import type { Grant } from '../../functions/core/grant.ts';
import { generationOf } from '../../functions/core/grant.ts';
import type { Ports, RefreshRequest } from '../../functions/core/ports.ts';
import { fleetWatchId, orgWatchId, type Watch } from '../../functions/core/watch.ts';
import { scheduleRefreshes } from '../../functions/flows/schedule-refreshes.ts';
import { createMaintainHandler } from '../../functions/handlers/maintain.ts';
import { createRefreshHandler, type RefreshHandler } from '../../functions/handlers/refresh.ts';
import { lambdaContext } from '../functions/runtime/lambda-event.ts';
import { type MemoryPorts, memoryPorts, remaining, storedConnection } from './memory-ports.ts';
import type { ModelGrant } from './token-server.ts';

export interface OrgWorld {
  readonly ports: MemoryPorts;
  readonly alerts: readonly Alert[];
  /** Adds connections to org `org`, refreshed an hour ago unless said otherwise. */
  seed(org: number, size: number, change?: Partial<Grant>): Promise<void>;
  /** All grants of the org, or its first ones, end at Salesforce. */
  revoke(org: number, count?: number): void;
  /** They work again, as if Salesforce had been wrong. */
  mend(org: number): void;
  /** The org's first connections are due now. */
  makeDue(org: number, count?: number): Promise<void>;
  /** The schedule, all that it queues, and `maintain`, each minute. */
  minutes(count: number): Promise<void>;
  maintain(ports?: Ports): Promise<void>;
  /** One direct invocation. */
  refresh(org: number, user: number, handler?: RefreshHandler): Promise<unknown>;
  requestFor(org: number, user: number): Promise<RefreshRequest>;
  connection(org: number, user: number): Promise<Connection>;
  org(org: number): Promise<Watch | undefined>;
  fleet(kind?: 'fleet_revocation' | 'fleet_outage'): Promise<Watch | undefined>;
  types(): readonly string[];
  /** What metrics were counted. */
  readonly counted: Map<string, number>;
}

export const minuteMs = 60_000;

export function orgWorld(overrides: Partial<Ports> = {}): OrgWorld {
  const counted = new Map<string, number>();
  const add = (name: string, value: number) => void counted.set(name, (counted.get(name) ?? 0) + value);
  const ports = memoryPorts({ metrics: { add }, ...overrides });
  const handler = createRefreshHandler(ports);
  const grants = new Map<string, ModelGrant>();
  const sizes = new Map<number, number>();

  async function connectionOf(org: number, user: number): Promise<Connection> {
    const found = await ports.store.inner.connections.read(idOf(org, user));
    if (found === undefined) throw new Error(`Connection ${user} of org ${org} was not seeded.`);
    return found;
  }

  async function requestFor(org: number, user: number): Promise<RefreshRequest> {
    const { id, grant } = await connectionOf(org, user);
    return { version: 1, connectionId: id, generation: generationOf(grant!), reason: 'due' };
  }

  async function work(): Promise<void> {
    await ports.clock.run(scheduleRefreshes(ports, remaining(ports.clock)));
    const due = ports.queued.splice(0);
    await ports.clock.run(Promise.all(due.map((request) => handler(request, lambdaContext()))));
    await ports.clock.run(createMaintainHandler(ports)({}, lambdaContext()));
  }

  return {
    ports,
    alerts: ports.published,
    counted,
    async seed(org, size, change = {}) {
      const begun = sizes.get(org) ?? 0;
      const refreshedAt = ports.clock.now() - 60 * minuteMs;
      for (let user = begun + 1; user <= begun + size; user += 1) {
        const { connection, atSalesforce } = await storedConnection(ports, {
          orgId: orgIdOf(org),
          userId: userIdOf(user),
          grant: { refreshes: 3, refreshedAt, ...change },
        });
        grants.set(connection.id, atSalesforce);
      }
      sizes.set(org, begun + size);
    },
    revoke(org, count = sizes.get(org) ?? 0) {
      for (let user = 1; user <= count; user += 1) grants.get(idOf(org, user))!.alive = false;
    },
    mend(org) {
      for (let user = 1; user <= (sizes.get(org) ?? 0); user += 1) grants.get(idOf(org, user))!.alive = true;
    },
    async makeDue(org, count = sizes.get(org) ?? 0) {
      for (let user = 1; user <= count; user += 1) {
        const before = await connectionOf(org, user);
        const after = { ...before, revision: before.revision + 1, nextRefreshAt: ports.clock.now() };
        await ports.store.inner.connections.replace(before, after);
      }
    },
    async minutes(count) {
      for (let passed = 0; passed < count; passed += 1) {
        const next = ports.clock.now() + minuteMs;
        await work();
        ports.clock.advance(Math.max(0, next - ports.clock.now()));
      }
    },
    maintain: async (by = ports) => {
      await ports.clock.run(createMaintainHandler(by)({}, lambdaContext()));
    },
    refresh: async (org, user, by = handler) => ports.clock.run(by(await requestFor(org, user), lambdaContext())),
    requestFor,
    connection: connectionOf,
    org: (org) => ports.store.inner.watches.read(orgWatchId('crm', orgIdOf(org))),
    fleet: (kind = 'fleet_revocation') => ports.store.inner.watches.read(fleetWatchId('crm', kind)),
    types: () => ports.published.map(({ type }) => type),
  };
}

export function orgIdOf(org: number): string {
  return `00D${String(org).padStart(12, '0')}AAA`;
}

function userIdOf(user: number): string {
  return `005${String(user).padStart(12, '0')}AAA`;
}

export function idOf(org: number, user: number): string {
  return `crm.${orgIdOf(org)}.${userIdOf(user)}`;
}

/** Of one connection of the first org. */
export async function dueNow(world: OrgWorld, user: number): Promise<void> {
  const before = await world.connection(1, user);
  const nextRefreshAt = world.ports.clock.now();
  await world.ports.store.inner.connections.replace(before, {
    ...before,
    revision: before.revision + 1,
    nextRefreshAt,
  });
}

export function configWith(spike: Record<string, number>, fleet: Record<string, number> = {}) {
  return parseConfig({ apps: { crm: { clientId: 'crm-client', spike } }, thresholds: { fleet } }, 'test');
}
