/**
 * `connections`: lists, shows and disconnects connections, and their integrations; says how all of them are. No secrets:
 * this Lambda can open none.
 */
import { connectionStatuses } from '../core/connection.ts';
import { connectionShared } from '../core/connection-sharing.ts';
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import { appPattern, orgIdPattern } from '../core/ids.ts';
import { type ConnectionFilter, InvalidCursorError, type Ports } from '../core/ports.ts';
import { presentConnection } from '../core/present-connection.ts';
import { type DisconnectPorts, disconnect } from '../flows/disconnect.ts';
import { listConnections } from '../flows/list-connections.ts';
import { showConnection } from '../flows/show-connection.ts';
import { createHttpHandler, type HttpHandler } from '../runtime/http.ts';
import { type AppAccessPorts, forbiddenConnection, readableApps } from './app-access.ts';
import { type HealthPorts, healthRoutes } from './health.ts';
import { type IntegrationsPorts, integrationRoutes } from './integrations.ts';
import {
  invalid,
  type Judged,
  judgeConnectionRoute,
  judgeForcedConnectionRoute,
  judgeQuery,
  problemResponse,
} from './request-fields.ts';

export type ConnectionsPorts = DisconnectPorts &
  IntegrationsPorts &
  HealthPorts &
  AppAccessPorts &
  Pick<Ports, 'config'>;

const defaultLimit = 50;

export function createConnectionsHandler(ports: ConnectionsPorts): HttpHandler {
  return createHttpHandler({
    functionName: 'connections',
    log: ports.log,
    metrics: ports.metrics,
    handlers: {
      'GET /connections': (request) => list(ports, request),
      'GET /connections/{id}': (request) => show(ports, request),
      'DELETE /connections/{id}': (request) => remove(ports, request),
      ...integrationRoutes(ports),
      ...healthRoutes(ports),
    },
  });
}

interface ListOrder {
  readonly filter: Partial<ConnectionFilter>;
  readonly limit: number;
  readonly cursor?: string;
}

async function list(ports: ConnectionsPorts, request: HttpRequest): Promise<HttpResponse> {
  const order = judgeList(request.query);
  if (!order.ok) return problemResponse(order.problem);
  const { filter, limit, cursor } = order.value;
  const allowed = readableApps(ports, request, filter.app);
  if (!allowed.ok) return problemResponse(allowed.problem);
  try {
    const page = await listConnections(ports, filter, limit, cursor, allowed.value.apps);
    const next = page.cursor === undefined ? {} : { next_cursor: page.cursor };
    return { kind: 'json', status: 200, body: { connections: page.items.map(presentConnection), ...next } };
  } catch (error) {
    if (!(error instanceof InvalidCursorError)) throw error;
    return problemResponse(invalid('query.cursor', 'is no next_cursor of this list; begin without one'));
  }
}

function judgeList(query: URLSearchParams): Judged<ListOrder> {
  const judged = judgeQuery(query, ['app', 'org_id', 'status', 'limit', 'cursor']);
  if (!judged.ok) return judged;
  const { app, org_id: orgId, status: statusText, limit: limitText, cursor } = judged.value;
  const status = connectionStatuses.find((one) => one === statusText);
  const limit = limitText === undefined ? defaultLimit : Number(limitText);
  const problem =
    (app !== undefined && !appPattern.test(app) && invalid('query.app', 'must match [a-z][a-z0-9-]{0,30}')) ||
    (orgId !== undefined &&
      !orgIdPattern.test(orgId) &&
      invalid('query.org_id', 'must be an org id of 18 characters')) ||
    (statusText !== undefined &&
      status === undefined &&
      invalid('query.status', `must be one of ${connectionStatuses.join(', ')}`)) ||
    (!(/^\d{1,3}$/.test(limitText ?? '50') && limit >= 1 && limit <= 100) &&
      invalid('query.limit', `must be a whole number from 1 to 100; got ${limitText?.slice(0, 20)}`)) ||
    (cursor !== undefined && cursor.length > 2_048 && invalid('query.cursor', 'is no next_cursor of this list'));
  if (problem) return { ok: false, problem };
  return { ok: true, value: { filter: { app, orgId, status }, limit, cursor } };
}

async function show(ports: ConnectionsPorts, request: HttpRequest): Promise<HttpResponse> {
  const route = judgeConnectionRoute(request);
  if (!route.ok) return problemResponse(route.problem);
  const { connectionId, tenant } = route.value;
  const forbidden = forbiddenConnection(ports, request, 'read', connectionId);
  if (forbidden !== undefined) return problemResponse(forbidden);
  const shown = await showConnection(ports, connectionId, tenant);
  if (shown !== undefined) return { kind: 'json', status: 200, body: shown };
  return unknownConnection(connectionId, tenant);
}

async function remove(ports: ConnectionsPorts, request: HttpRequest): Promise<HttpResponse> {
  const route = judgeForcedConnectionRoute(request);
  if (!route.ok) return problemResponse(route.problem);
  const { connectionId, tenant, force } = route.value;
  const forbidden = forbiddenConnection(ports, request, 'admin', connectionId);
  if (forbidden !== undefined) return problemResponse(forbidden);
  const outcome = await disconnect(ports, connectionId, tenant, force);
  if (outcome === 'unknown') return unknownConnection(connectionId, tenant);
  if (outcome === 'disconnected') return { kind: 'no_content' };
  return problemResponse(connectionShared(connectionId, outcome.sharing, tenant));
}

function unknownConnection(connectionId: string, tenant: string | undefined): HttpResponse {
  const whose = tenant === undefined ? '' : ` with an integration of tenant ${tenant}`;
  const detail = `There is no connection ${connectionId}${whose}.`;
  return problemResponse({ code: 'unknown_connection', detail });
}
