/** The routes of integrations: shown, unlinked, configured anew. Part of the Lambda `connections`. */
import * as z from 'zod/mini';
import type { HttpRequest, HttpResponse, RouteHandler } from '../core/http.ts';
import { labelPattern } from '../core/ids.ts';
import type { IntegrationKey } from '../core/ports.ts';
import { presentIntegrationInFull } from '../core/present-integration.ts';
import type { Problem } from '../core/problem.ts';
import type { Capability } from '../core/routes.ts';
import { type ReconfigurePorts, reconfigureIntegration } from '../flows/reconfigure-integration.ts';
import { showIntegration } from '../flows/show-integration.ts';
import type { UnlinkPorts } from '../flows/unlink-duty.ts';
import { unlinkIntegration } from '../flows/unlink-integration.ts';
import { type AppAccessPorts, forbiddenConnection } from './app-access.ts';
import { judgeConfiguration } from './configuration-field.ts';
import { type Judged, judgeBody, judgeQuery, problemResponse } from './request-fields.ts';

export type IntegrationsPorts = UnlinkPorts & ReconfigurePorts & AppAccessPorts;

const order = z.strictObject({ configuration: z.optional(z.unknown()) });

export function integrationRoutes(ports: IntegrationsPorts): Record<string, RouteHandler> {
  return {
    'GET /integrations/{tenant}/{integration}': (request) => show(ports, request),
    'DELETE /integrations/{tenant}/{integration}': (request) => unlink(ports, request),
    'PUT /integrations/{tenant}/{integration}/configuration': (request) => configure(ports, request),
  };
}

async function show(ports: IntegrationsPorts, request: HttpRequest): Promise<HttpResponse> {
  const key = judgeKey(request);
  if (!key.ok) return problemResponse(key.problem);
  const shown = await showIntegration(ports, key.value);
  if (shown === undefined) return unknownIntegration(key.value);
  const { integration, connection } = shown;
  const forbidden = forbiddenConnection(ports, request, 'read', integration.connectionId);
  if (forbidden !== undefined) return problemResponse(forbidden);
  return { kind: 'json', status: 200, body: presentIntegrationInFull(integration, connection) };
}

async function unlink(ports: IntegrationsPorts, request: HttpRequest): Promise<HttpResponse> {
  const key = judgeKey(request);
  if (!key.ok) return problemResponse(key.problem);
  const unlinking = await unlinkIntegration(ports, key.value, refusal(ports, request, 'admin'));
  switch (unlinking.kind) {
    case 'unlinked':
      return { kind: 'no_content' };
    case 'unknown':
      return unknownIntegration(key.value);
    case 'refused':
      return problemResponse(unlinking.problem);
  }
}

async function configure(ports: IntegrationsPorts, request: HttpRequest): Promise<HttpResponse> {
  const key = judgeKey(request);
  if (!key.ok) return problemResponse(key.problem);
  const body = judgeBody(order, request.body);
  if (!body.ok) return problemResponse(body.problem);
  const configuration = judgeConfiguration(body.value.configuration);
  if (!configuration.ok) return problemResponse(configuration.problem);
  const result = await reconfigureIntegration(
    ports,
    key.value,
    configuration.value,
    refusal(ports, request, 'connect'),
  );
  switch (result.kind) {
    case 'queued':
      return { kind: 'json', status: 202, body: { configuration_version: result.version } };
    case 'unknown':
      return unknownIntegration(key.value);
    case 'refused':
      return problemResponse(result.problem);
  }
}

/** A caller that is limited to some apps is held to them, by the connection that the integration uses. */
function refusal(ports: IntegrationsPorts, request: HttpRequest, capability: Capability) {
  return (connectionId: string): Problem | undefined => forbiddenConnection(ports, request, capability, connectionId);
}

function judgeKey(request: HttpRequest): Judged<IntegrationKey> {
  const query = judgeQuery(request.query, []);
  if (!query.ok) return query;
  const { tenant = '', integration = '' } = request.pathParameters;
  if (labelPattern.test(tenant) && labelPattern.test(integration)) return { ok: true, value: { tenant, integration } };
  const detail = 'There is no such integration: tenant and integration match [A-Za-z0-9._-]{1,128}.';
  return { ok: false, problem: { code: 'unknown_integration', detail } };
}

function unknownIntegration({ tenant, integration }: IntegrationKey): HttpResponse {
  const detail = `There is no integration ${integration} of tenant ${tenant}; a connect session (POST /connect-sessions) links it.`;
  return problemResponse({ code: 'unknown_integration', detail });
}
