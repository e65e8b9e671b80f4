/**
 * Two orgs of one app, on one login host: connections that the real flows made, moved to where a run needs them, and
 * customers who are about to come back from Salesforce.
 */
import type { Connection } from '../../functions/core/connection.ts';
import { generationOf } from '../../functions/core/grant.ts';
import type { Ports, Store } from '../../functions/core/ports.ts';
import { Secret } from '../../functions/core/secret.ts';
import { createFinishConnect } from '../../functions/flows/finish-connect.ts';
import { openLink } from '../../functions/flows/open-link.ts';
import type { RefreshConnection } from '../../functions/flows/refresh-connection.ts';
import { startConnect } from '../../functions/flows/start-connect.ts';
import type { Person } from '../deaths/population.ts';
import { gatewayEvent } from '../simulation/functions.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { minuteMs } from './neighbour-order.ts';

export const app = 'crm';

/** What a browser brings back. */
export interface ComingBack {
  readonly state: string;
  readonly code: string;
  readonly cookie: string;
}

export async function goToSalesforce(ports: Ports, simulator: Simulator, person: Person): Promise<ComingBack> {
  const appConfig = ports.config.apps[app];
  if (appConfig === undefined) throw new Error(`There is no app ${app}.`);
  const { orgId, userId, username } = person;
  const named = { app, appConfig, tenant: orgId, integration: userId, loginUrl: appConfig.loginUrl };
  const answer = await startConnect(
    ports,
    { ...named, loginHint: username, reauthorize: true, force: true },
    () => undefined,
  );
  if (answer.kind !== 'json') throw new Error(`No connect session: ${JSON.stringify(answer)}`);
  const secret = String(answer.body.connect_url).split('/').at(-1) ?? '';
  const opened = await openLink(ports, secret, {});
  if (opened.kind !== 'go') throw new Error(`The link is ${opened.kind}.`);
  const back = new URL(simulator.authorize(opened.location, { username, decision: 'allow' }));
  const [cookie = ''] = opened.cookie.split(';');
  return { state: back.searchParams.get('state') ?? '', code: back.searchParams.get('code') ?? '', cookie };
}

export function callbackEvent({ state, code, cookie }: ComingBack) {
  return gatewayEvent('GET', '/oauth/callback', {
    query: String(new URLSearchParams({ state, code })),
    cookies: [cookie],
  });
}

/** @returns the connection as the callback stored it */
export async function connect(ports: Ports, simulator: Simulator, person: Person): Promise<Connection> {
  const { state, code, cookie } = await goToSalesforce(ports, simulator, person);
  const [name = '', value = ''] = cookie.split('=');
  const outcome = await createFinishConnect(ports)({ state, code: new Secret(code) }, { [name]: value }, () => 60_000);
  const id = outcome.kind === 'outcome' ? outcome.session.connectionId : undefined;
  const connection = id === undefined ? undefined : await ports.store.connections.read(id);
  if (connection === undefined) throw new Error(`Nobody was connected: ${outcome.kind}.`);
  return connection;
}

/** As most connections are: refreshed before, so that their tokens are sealed under the org's key and no longer a callback's. */
export async function connectAndRefresh(
  ports: Ports,
  refresh: RefreshConnection,
  simulator: Simulator,
  person: Person,
): Promise<Connection> {
  const connection = await connect(ports, simulator, person);
  const { grant, id } = connection;
  if (grant === undefined) throw new Error(`${id} has no grant.`);
  const due = { ...connection, revision: connection.revision + 1, nextRefreshAt: ports.clock.now() };
  await ports.store.connections.replace(connection, due);
  const request = { version: 1, connectionId: id, generation: generationOf(grant), reason: 'due' } as const;
  const { outcome } = await refresh(request, () => minuteMs);
  const refreshed = await ports.store.connections.read(id);
  if (outcome !== 'refreshed' || refreshed === undefined) throw new Error(`${id} was not refreshed: ${outcome}.`);
  return refreshed;
}

export type State =
  /** Its token lives, and its next refresh is far. */
  | { readonly kind: 'live' }
  /** Idle: its token ended, and the next refresh is far, unless somebody reads it. */
  | { readonly kind: 'ended' }
  /** Its token lives, and the schedule finds it due at that instant. */
  | { readonly kind: 'due'; readonly at: number };

const hourMs = 3_600_000;

export async function storeAs(store: Store, connection: Connection, state: State, now: number): Promise<void> {
  const { grant } = connection;
  if (grant === undefined) throw new Error(`${connection.id} has no grant.`);
  const expiresAt = state.kind === 'ended' ? now - hourMs : now + hourMs;
  const nextRefreshAt = state.kind === 'due' ? state.at : now + 10 * hourMs;
  const moved = { ...grant, issuedAt: expiresAt - 2 * hourMs, refreshedAt: expiresAt - 2 * hourMs, expiresAt };
  // It is read: no mark is due, in no run.
  const read = { ...moved, refreshAfter: now + 10 * hourMs, readRefreshes: grant.refreshes };
  await store.connections.create({ ...connection, revision: 1, duties: {}, grant: read, nextRefreshAt });
}
