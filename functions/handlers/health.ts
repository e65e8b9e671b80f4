/** `GET /health` of the Lambda `connections`: a caller that is limited to some apps sees the health of these. */
import type { HttpRequest, HttpResponse } from '../core/http.ts';
import type { Ports } from '../core/ports.ts';
import { type ShowHealthPorts, showHealth } from '../flows/show-health.ts';
import { type AppAccessPorts, readableApps } from './app-access.ts';
import { judgeQuery, problemResponse } from './request-fields.ts';

export type HealthPorts = ShowHealthPorts & AppAccessPorts & Pick<Ports, 'config'>;

export function healthRoutes(
  ports: HealthPorts,
): Record<'GET /health', (request: HttpRequest) => Promise<HttpResponse>> {
  return { 'GET /health': (request) => show(ports, request) };
}

async function show(ports: HealthPorts, request: HttpRequest): Promise<HttpResponse> {
  const query = judgeQuery(request.query, []);
  if (!query.ok) return problemResponse(query.problem);
  const readable = readableApps(ports, request, undefined);
  if (!readable.ok) return problemResponse(readable.problem);
  const { apps, all } = readable.value;
  return { kind: 'json', status: 200, body: { ...(await showHealth(ports, apps, all)) } };
}
