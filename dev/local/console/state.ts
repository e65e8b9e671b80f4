/** What the console shows, chosen field by field: no token, sealed or not, and no digest of one. */
import type { Alert } from '../../../functions/core/alert.ts';
import type { Connection } from '../../../functions/core/connection.ts';
import type { Ports } from '../../../functions/core/ports.ts';
import { type Grant, isLive } from '../../simulator/grant-book.ts';
import type { Books, Simulator } from '../../simulator/simulator.ts';
import type { Activity } from '../activity.ts';
import { shownPlots, shownSalesforce } from './shown-orgs.ts';
import { shownHealth, shownIll } from './shown-troubles.ts';

export interface ConsoleSources {
  readonly ports: Ports;
  readonly salesforceUrl: string;
  readonly simulator: Simulator | undefined;
  readonly activity: Activity;
  alerts(): readonly Alert[];
}

const connectionsShown = 100;
const usesShown = 20;
const grantsShown = 100;
const alertsShown = 100;

export async function consoleState(sources: ConsoleSources): Promise<Record<string, unknown>> {
  const { ports, salesforceUrl, simulator, activity } = sources;
  const [connections, health, ill] = await Promise.all([
    listed(ports),
    shownHealth(ports, simulator),
    shownIll(ports, simulator),
  ]);
  return {
    ...health,
    ill,
    plots: shownPlots(activity, connections, simulator, ports.clock.now()),
    // Those that a browser can connect.
    apps: Object.entries(ports.config.apps)
      .filter(([, { flow }]) => flow === 'authorization_code')
      .map(([name]) => name),
    salesforce: { url: salesforceUrl, simulated: simulator !== undefined },
    connections: await Promise.all(
      connections.map(async (connection) =>
        shownConnection(connection, await ports.store.usesOf(connection.id, usesShown)),
      ),
    ),
    activity: activity.entries().map(({ at, connectionId, kind, text }) => ({
      at: instant(at),
      connection_id: connectionId,
      kind,
      text,
    })),
    alerts: sources.alerts().slice(-alertsShown),
    ...(simulator === undefined
      ? {}
      : {
          simulator: {
            switches: { ...simulator.switches },
            grants: shownGrants(simulator),
            ...shownSalesforce(simulator),
          },
        }),
  };
}

async function listed({ store, config }: Ports): Promise<readonly Connection[]> {
  const pages = await Promise.all(
    Object.keys(config.apps).map((app) => store.listConnections({ app }, connectionsShown)),
  );
  return pages.flatMap(({ items }) => items).slice(0, connectionsShown);
}

function shownConnection(connection: Connection, uses: readonly { tenant: string; integration: string }[]) {
  const { id, status, cause, grant, authorizedAt, nextRefreshAt, duties } = connection;
  return {
    id,
    status,
    cause,
    refreshes: grant?.refreshes ?? 0,
    authorized_at: instant(authorizedAt),
    refreshed_at: instant(grant?.refreshedAt),
    expires_at: instant(grant?.expiresAt),
    next_refresh_at: instant(nextRefreshAt),
    integrations: uses.map(({ tenant, integration }) => `${tenant}/${integration}`),
    duties: Object.values(duties).map(({ kind }) => kind),
  };
}

function shownGrants({ books }: Simulator): unknown[] {
  return books
    .grants()
    .slice(-grantsShown)
    .map((grant) => ({
      id: grant.id,
      user: books.person(grant.userId)?.user.username ?? grant.userId,
      ...shownState(books, grant),
      refreshes: grant.refreshes,
      created_at: instant(grant.createdAt),
      last_used_at: instant(grant.lastUsedAt),
    }));
}

/** One without a refresh token lives as its sessions do. */
function shownState(books: Books, grant: Grant): { live: boolean; flow?: string; ended_by?: string } {
  const { flow, endedBy } = grant;
  const live = flow === undefined ? isLive(grant) : books.hasLiveSession(grant.id);
  const without = flow === undefined ? 'no refresh token' : `${flow}, no session`;
  return { live, ...(flow && { flow }), ...(!live && { ended_by: endedBy ?? without }) };
}

function instant(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}
