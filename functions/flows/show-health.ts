/**
 * The health of some apps, from what is stored: asks nothing of Salesforce and writes nothing.
 *
 * What it costs is bounded. For each app: its connections counted in the index (100,000 at most, a query for each
 * thousand), a sample of at most a hundred of them with their ledgers, and at most 200 watches. Once: the due index, a
 * thousand rows of each shard at most.
 */
import type { AppConfig } from '../core/config.ts';
import type { Connection, ConnectionStatus } from '../core/connection.ts';
import {
  type Health,
  type HealthApp,
  type HealthIncident,
  type HealthOverdue,
  healthOf,
  presentCounts,
} from '../core/health.ts';
import type { AppFacts, SampledConnection } from '../core/health-facts.ts';
import { findingsOf } from '../core/health-findings.ts';
import { deploymentIncident, ordered, watchIncidents } from '../core/health-incidents.ts';
import { parseConnectionId } from '../core/ids.ts';
import type { Ports } from '../core/ports.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { fleetWatchId, type Watch } from '../core/watch.ts';
import { backlogAtLeast, overdueMs } from './watch-backlog.ts';

export type ShowHealthPorts = Pick<Ports, 'store' | 'config' | 'clock' | 'egressAddresses'>;

const countedAtMost = 100_000;
const sampleAtMost = 100;
/** Of each status that waits for somebody: the first connections as listed may hold none of them. */
const needingAtMost = 20;
const watchesAtMost = 200;
/** Longer than any incident stays open without news. */
const watchesSinceMs = 7 * 24 * 3_600_000;
const duePerShardAtMost = 1_000;
const appsAtOnce = 4;
const ledgersAtOnce = 20;

/** @param apps whose health is shown; `whole`: these are all there are, so what is of no single app is shown too */
export async function showHealth(ports: ShowHealthPorts, apps: readonly string[], whole: boolean): Promise<Health> {
  const now = ports.clock.now();
  const known = apps.toSorted();
  const [overdue, incidents, seen] = await Promise.all([
    overdueOf(ports, new Set(known), now),
    whole ? deploymentIncidents(ports) : [],
    inGroups(known, appsAtOnce, (app) => appHealth(ports, app, now)),
  ]);
  return healthOf({
    checked_at: rfc3339(now),
    overdue,
    incidents: ordered([...incidents, ...seen.flatMap((one) => one.incidents)]),
    apps: seen.map(({ health }) => health),
    backlogAtLeast,
  });
}

async function deploymentIncidents({ store }: ShowHealthPorts): Promise<readonly HealthIncident[]> {
  const ids = ['refresh_backlog', 'tokens_in_lifeboat', 'table_restored'] as const;
  const read = await Promise.all(ids.map((id) => store.incidents.read(id)));
  return read.flatMap((incident) => (incident === undefined ? [] : (deploymentIncident(incident) ?? [])));
}

interface SeenApp {
  readonly health: HealthApp;
  readonly incidents: readonly HealthIncident[];
}

async function appHealth(ports: ShowHealthPorts, app: string, now: number): Promise<SeenApp> {
  const { store, config } = ports;
  const own = config.apps[app];
  if (own === undefined) throw new Error(`There is no app ${app} in the configuration.`);
  const [counted, state, watches] = await Promise.all([
    store.countConnections(app, countedAtMost),
    store.apps.read(app),
    watchesOf(ports, app, now),
  ]);
  const counts = presentCounts(counted);
  const facts: AppFacts = {
    app,
    config: own,
    deployed: !config.loopbackReturnTo,
    counts,
    sample: await sampleOf(ports, app, own, counts.by_status),
    state,
    egressAddresses: ports.egressAddresses,
    now,
  };
  return {
    health: { app, flow: own.flow, purpose: own.purpose, connections: counts, findings: findingsOf(facts) },
    incidents: watchIncidents(watches, own.flow, now),
  };
}

/** Those of the fleet by name: among many orgs with newer news the list may have no room for them. */
async function watchesOf({ store }: ShowHealthPorts, app: string, now: number): Promise<readonly Watch[]> {
  const [recent, ...fleets] = await Promise.all([
    store.recentWatches(app, Math.max(0, now - watchesSinceMs), watchesAtMost),
    ...(['fleet_revocation', 'fleet_outage'] as const).map((kind) => store.watches.read(fleetWatchId(app, kind))),
  ]);
  const byId = new Map([...recent, ...fleets.filter((one) => one !== undefined)].map((one) => [one.id, one]));
  return [...byId.values()];
}

/** Those that wait for somebody first, then the first as listed. */
async function sampleOf(
  { store }: ShowHealthPorts,
  app: string,
  { flow }: AppConfig,
  byStatus: Readonly<Record<ConnectionStatus, number>>,
): Promise<readonly SampledConnection[]> {
  const needing = (['reauthorization_required', 'admin_action_required'] as const).filter((one) => byStatus[one] > 0);
  const pages = await Promise.all([
    ...needing.map((status) => store.listConnections({ app, status }, needingAtMost)),
    store.listConnections({ app }, sampleAtMost),
  ]);
  const byId = new Map<string, Connection>(pages.flatMap(({ items }) => items.map((item) => [item.id, item])));
  const sample = [...byId.values()].slice(0, sampleAtMost);
  if (flow !== 'authorization_code') return sample.map((connection) => ({ connection }));
  return inGroups(sample, ledgersAtOnce, async (connection) => ({
    connection,
    ledger: await store.ledgers.read(connection.id),
  }));
}

/** A try moves its connection's due time, whatever comes of it: what stays was not even tried. */
async function overdueOf({ store }: ShowHealthPorts, apps: ReadonlySet<string>, now: number): Promise<HealthOverdue> {
  const pages = await Promise.all(
    Array.from({ length: store.shards }, (_, shard) =>
      store.dueConnections(shard, Math.max(0, now - overdueMs), duePerShardAtMost),
    ),
  );
  const own = pages
    .flatMap(({ items }) => items)
    .filter(({ connectionId }) => apps.has(parseConnectionId(connectionId)?.app ?? ''))
    .map(({ nextRefreshAt }) => nextRefreshAt);
  return {
    count: own.length,
    complete: pages.every(({ cursor }) => cursor === undefined),
    ...(own.length === 0 ? {} : { oldest_due_at: rfc3339(Math.min(...own)) }),
  };
}

async function inGroups<T, Result>(
  all: readonly T[],
  atOnce: number,
  act: (one: T) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let index = 0; index < all.length; index += atOnce) {
    results.push(...(await Promise.all(all.slice(index, index + atOnce).map(act))));
  }
  return results;
}
