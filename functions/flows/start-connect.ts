/**
 * Begins a connect session, or finds that none is needed: an integration whose connection is active is not sent to
 * Salesforce again unless asked, for each authorization spends one of the user's five grants.
 */
import { sessionIdOfLinkSecret } from '../core/browser-binding.ts';
import type { AppConfig } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import type { HttpResponse } from '../core/http.ts';
import { newId, newSecretText } from '../core/new-id.ts';
import type { Ports } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { type Session, sessionLifetimeMs } from '../core/session.ts';
import { configureIntegration, linkIntegration } from './link-integration.ts';

export type StartConnectPorts = Pick<
  Ports,
  'config' | 'publicUrl' | 'clock' | 'random' | 'store' | 'configurationStep' | 'log' | 'metrics'
>;

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
}

type Expected = Pick<Session, 'expectedOrgId' | 'expectedUserId'>;

export async function startConnect(ports: StartConnectPorts, order: ConnectOrder): Promise<HttpResponse> {
  const named = order.connectionId === undefined ? undefined : await namedConnection(ports, order);
  if (named !== undefined && 'code' in named) return { kind: 'problem', problem: named };
  const present = named ?? (await linkedConnection(ports, order));
  if (present !== undefined && isEnough(present, order)) return alreadyConnected(ports, order, present);
  const expected: Expected = {
    expectedOrgId: order.expectedOrgId ?? (named ?? (order.reauthorize ? present : undefined))?.orgId,
    expectedUserId: named?.userId,
  };
  return newSession(ports, order, expected);
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

async function linkedConnection(ports: StartConnectPorts, order: ConnectOrder): Promise<Connection | undefined> {
  const { tenant, integration } = order;
  const linked = await ports.store.integrations.read({ tenant, integration });
  return linked && ports.store.connections.read(linked.connectionId);
}

function isEnough(connection: Connection, order: ConnectOrder): boolean {
  if (order.reauthorize || connection.status !== 'active' || connection.app !== order.app) return false;
  return order.expectedOrgId === undefined || order.expectedOrgId === connection.orgId;
}

/** No grant is spent; a configuration in the request applies as by PUT. */
async function alreadyConnected(
  ports: StartConnectPorts,
  { tenant, integration, configuration }: ConnectOrder,
  connection: Connection,
): Promise<HttpResponse> {
  const key = { tenant, integration };
  const linked = await ports.store.integrations.read(key);
  if (configuration !== undefined || linked?.connectionId !== connection.id) {
    const link = { ...key, connectionId: connection.id, configuration, by: newId(ports.random), at: ports.clock.now() };
    const item = await linkIntegration(ports, link);
    if (item !== undefined) await configureIntegration(ports, item);
  }
  ports.metrics.add('ConnectSessionsSpared', 1);
  return { kind: 'json', status: 200, body: { status: 'connected', connection_id: connection.id } };
}

async function newSession(ports: StartConnectPorts, order: ConnectOrder, expected: Expected): Promise<HttpResponse> {
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
