/**
 * Every route, who may call it, and the Lambda that answers. The gateway in AWS, the gateway of the local stack and
 * the routers inside the Lambdas are all made from this table, and so are the grants that a construct gives.
 */

export type FunctionName =
  | 'connect'
  | 'callback'
  | 'configure'
  | 'schedule-refreshes'
  | 'refresh'
  | 'jwt-bearer'
  | 'token'
  | 'connections'
  | 'maintain';

/** What a service may be granted: `grantRead`, `grantConnect`, `grantAdmin` of the construct (`lib/grantkeeper.ts`). */
export type Capability = 'read' | 'connect' | 'admin';

export const capabilities: readonly Capability[] = ['read', 'connect', 'admin'];

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In API Gateway's notation. */
  readonly path: string;
  readonly function: FunctionName;
}

/** Needs SigV4 (IAM). */
export interface ServiceRoute extends RouteBase {
  readonly audience: 'service';
  readonly capability: Capability;
}

/** Public. */
export interface BrowserRoute extends RouteBase {
  readonly audience: 'browser';
}

export type Route = ServiceRoute | BrowserRoute;

const service = (
  capability: Capability,
  functionName: FunctionName,
  method: Route['method'],
  path: string,
): ServiceRoute => ({ method, path, function: functionName, audience: 'service', capability });

const browser = (functionName: FunctionName, path: string): BrowserRoute => ({
  method: 'GET',
  path,
  function: functionName,
  audience: 'browser',
});

export const callbackPath = '/oauth/callback';

export const routes: readonly Route[] = [
  service('connect', 'connect', 'POST', '/connect-sessions'),
  service('connect', 'connect', 'GET', '/connect-sessions/{id}'),
  service('connect', 'connect', 'POST', '/connect-sessions/{id}/claim'),
  browser('connect', '/connect/{secret}'),
  browser('callback', callbackPath),
  service('read', 'connections', 'GET', '/connections'),
  service('connect', 'jwt-bearer', 'POST', '/connections'),
  service('read', 'connections', 'GET', '/connections/{id}'),
  service('admin', 'connections', 'DELETE', '/connections/{id}'),
  service('read', 'token', 'GET', '/connections/{id}/token'),
  service('read', 'token', 'POST', '/connections/{id}/token'),
  service('read', 'connections', 'GET', '/integrations/{tenant}/{integration}'),
  service('admin', 'connections', 'DELETE', '/integrations/{tenant}/{integration}'),
  service('connect', 'connections', 'PUT', '/integrations/{tenant}/{integration}/configuration'),
  service('read', 'connections', 'GET', '/health'),
];

export const serviceRoutes: readonly ServiceRoute[] = routes.filter((route) => route.audience === 'service');

/** A connection's id begins with its app, so of these paths IAM itself can see which app is meant. */
export function namesConnection({ path }: Route): boolean {
  return path === '/connections/{id}' || path.startsWith('/connections/{id}/');
}
