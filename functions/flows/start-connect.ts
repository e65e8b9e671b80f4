/**
 * Begins a connect session, or finds that none is needed: an integration whose connection is active is not sent to
 * Salesforce again unless asked, for each authorization spends one of the user's five grants.
 */

import { sessionIdOfLinkSecret } from '../core/browser-binding.ts';
import { isFilledByOrphans } from '../core/budget.ts';
import type { AppConfig } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import type { HttpResponse } from '../core/http.ts';
import type { Integration } from '../core/integration.ts';
import { attemptsIdOf } from '../core/ledger.ts';
import { newId, newSecretText } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { type Session, sessionLifetimeMs } from '../core/session.ts';
import { type BudgetPorts, keepWithinBudget } from './keep-within-budget.ts';
import type { LinkPorts } from './link-integration.ts';
import { shareConnection } from './share-connection.ts';
import { type GatePorts, requireOwnTable } from './table-gate.ts';
import type { Admission } from './unlink-integration.ts';

export type StartConnectPorts = LinkPorts & BudgetPorts & GatePorts & Pick<Ports, 'config' | 'publicUrl'>;

/** The validated body of `POST /connect-sessions`. */
export interface ConnectOrder {
  readonly app: string;
  readonly appConfig: AppConfig;
  readonly tenant: string;
  readonly integration: string;
  /** JSON text. */
  readonly configuration?: string;
  readonly returnTo?: string;
  readonly loginUrl: string;
  readonly loginHint?: string;
  readonly expectedOrgId?: string;
  readonly connectionId?: string;
  readonly reauthorize: boolean;
  /** The apps that the caller may connect; absent: all. */
  readonly callerApps?: readonly string[];
  /** Asks for one more grant though it may end a live one. */
  readonly force: boolean;
}

type Expected = Pick<Session, 'expectedOrgId' | 'expectedUserId'>;

export async function startConnect(
  ports: StartConnectPorts,
  order: ConnectOrder,
  refusalOf: Admission,
): Promise<HttpResponse> {
  const asked: Expected = { expectedOrgId: order.expectedOrgId };
  if (order.appConfig.purpose === 'sign_in') {
    await requireOwnTable(ports);
    return newSession(ports, order, asked, undefined);
  }
  const before = await ports.store.integrations.read({ tenant: order.tenant, integration: order.integration });
  const linkedId = before?.status === 'unlinked' ? undefined : before?.connectionId;
  // The link would take the integration away from there.
  const foreign = linkedId === undefined ? undefined : refusalOf(linkedId);
  if (foreign !== undefined) return problemOf(foreign);
  const named = order.connectionId === undefined ? undefined : await namedConnection(ports, order);
  if (named !== undefined && 'code' in named) return problemOf(named);
  const linked = named ?? ((linkedId && (await ports.store.connections.read(linkedId))) || undefined);
  if (linked !== undefined && isEnough(linked, order)) {
    const connected = await alreadyConnected(ports, order, linked, before);
    if (connected !== undefined) return connected;
  }
  await requireOwnTable(ports);
  const known = named ?? (await believedConnection(ports, order, linked));
  const refused = known && (await refusal(ports, order, known));
  if (refused !== undefined) return problemOf(refused);
  const expected: Expected = {
    expectedOrgId: order.expectedOrgId ?? (named ?? (order.reauthorize ? linked : undefined))?.orgId,
    expectedUserId: named?.userId,
  };
  return newSession(ports, order, expected, known?.id);
}

function problemOf(problem: Problem): HttpResponse {
  return { kind: 'problem', problem };
}

/** `connection_id` shares, or cures, a connection that this tenant uses already. */
async function namedConnection(ports: StartConnectPorts, order: ConnectOrder): Promise<Connection | Problem> {
  const id = order.connectionId ?? '';
  const [connection, uses] = await Promise.all([
    ports.store.connections.read(id),
    ports.store.usesOf(id, 1, order.tenant),
  ]);
  if (connection === undefined || uses.length === 0 || connection.app !== order.app) {
    return {
      code: 'unknown_connection',
      field: 'connection_id',
      detail: `Tenant ${order.tenant} has no integration on a connection ${id} of app ${order.app}.`,
    };
  }
  if (order.expectedOrgId !== undefined && order.expectedOrgId !== connection.orgId) {
    return {
      code: 'invalid_request',
      field: 'expected_org_id',
      detail: `connection_id is of org ${connection.orgId}, expected_org_id is ${order.expectedOrgId}; leave one out.`,
    };
  }
  return connection;
}

/** Who will come: whom `login_hint` names before whoever is linked. A belief, nothing is expected of it. */
async function believedConnection(
  ports: StartConnectPorts,
  order: ConnectOrder,
  linked: Connection | undefined,
): Promise<Connection | undefined> {
  const hinted = await hintedConnection(ports, order);
  if (hinted !== undefined) return hinted;
  return mayBeMeant(linked, order) && isNamedByHint(linked, order) ? linked : undefined;
}

/** The connection whose username the `login_hint` is, where one is stored. */
async function hintedConnection(ports: StartConnectPorts, order: ConnectOrder): Promise<Connection | undefined> {
  if (order.loginHint === undefined) return undefined;
  const id = await ports.store.connectionOfUsername(order.app, order.loginHint);
  const connection = id === undefined ? undefined : await ports.store.connections.read(id);
  return mayBeMeant(connection, order) && isNamedByHint(connection, order) ? connection : undefined;
}

/** Where either name is not known, nothing speaks against it. */
function isNamedByHint({ username }: Connection, { loginHint }: ConnectOrder): boolean {
  if (username === undefined || loginHint === undefined) return true;
  return username.toLowerCase() === loginHint.toLowerCase();
}

/** Where another org is expected another user will come, and his budget is another one. */
function mayBeMeant(connection: Connection | undefined, order: ConnectOrder): connection is Connection {
  if (connection?.app !== order.app) return false;
  return order.expectedOrgId === undefined || order.expectedOrgId === connection.orgId;
}

/**
 * One more grant would silently end a live one, and not by our superseded ones, which are revoked here. Never in the way
 * of a cure: a connection that does not work may always be authorized again.
 */
async function refusal(
  ports: StartConnectPorts,
  { app, appConfig, force }: ConnectOrder,
  known: Connection,
): Promise<Problem | undefined> {
  const budget = await keepWithinBudget(ports, known.id, appConfig.grantLimit);
  if (force || known.status !== 'active' || !isFilledByOrphans(budget)) return undefined;
  const { limit, stored, owed, orphans } = budget;
  ports.metrics.add('GrantLimitNear', 1);
  return {
    code: 'grant_limit_near',
    detail: `User ${known.userId} of org ${known.orgId} is believed to have ${stored + orphans} live grants of app ${app}, and Salesforce keeps ${limit}: one more would end the oldest, which may be the one in use. ${orphans} of them are held by nobody: their authorizations broke off before an answer was kept.`,
    members: {
      budget: { limit, stored, owed, orphans },
      remedy:
        "Have the user revoke the app's old entries in Salesforce (personal settings, OAuth Connected Apps, or the administrator in Setup, OAuth Usage), or send force: true.",
    },
  };
}

function isEnough(connection: Connection, order: ConnectOrder): boolean {
  return !order.reauthorize && connection.status === 'active' && mayBeMeant(connection, order);
}

/** No grant is spent; a configuration in the request applies as by PUT. `undefined`: it is not active any more. */
async function alreadyConnected(
  ports: StartConnectPorts,
  { tenant, integration, configuration, callerApps }: ConnectOrder,
  connection: Connection,
  before: Integration | undefined,
): Promise<HttpResponse | undefined> {
  const isLinked = before?.connectionId === connection.id && before.status !== 'unlinked';
  if (configuration !== undefined || !isLinked) {
    const use = { tenant, integration, configuration, takesFrom: callerApps, seenAt: before?.linkedAt };
    const outcome = await shareConnection(ports, connection, use);
    if (outcome === 'gone') return undefined;
  }
  ports.metrics.add('ConnectSessionsSpared', 1);
  return { kind: 'json', status: 200, body: { status: 'connected', connection_id: connection.id } };
}

async function newSession(
  ports: StartConnectPorts,
  order: ConnectOrder,
  expected: Expected,
  believedConnectionId: string | undefined,
): Promise<HttpResponse> {
  const linkSecret = newSecretText(ports.random);
  const now = ports.clock.now();
  const session: Session = {
    version: 1,
    revision: 1,
    writeId: newId(ports.random),
    id: sessionIdOfLinkSecret(linkSecret),
    app: order.app,
    tenant: order.tenant,
    integration: order.integration,
    configuration: order.configuration,
    returnTo: order.returnTo,
    loginUrl: order.loginUrl,
    loginHint: order.loginHint,
    ...expected,
    ledgerId: believedConnectionId ?? attemptsIdOf(order.app, order),
    ...(order.appConfig.claim ? { claim: true } : {}),
    ...(order.callerApps === undefined ? {} : { takesFrom: order.callerApps }),
    createdAt: now,
    expiresAt: now + sessionLifetimeMs,
    status: 'pending',
    duties: {},
  };
  // The id is random: a conflict can only be this very write, whose first answer was lost.
  await ports.store.sessions.create(session);
  ports.metrics.add('ConnectSessionsStarted', 1);
  return {
    kind: 'json',
    status: 201,
    body: {
      session_id: session.id,
      status: 'pending',
      connect_url: `${ports.publicUrl}/connect/${linkSecret}`,
      expires_at: rfc3339(session.expiresAt),
    },
  };
}
