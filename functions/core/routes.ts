/**
 * Every route, who may call it, and the Lambda that answers. The gateway in AWS, the gateway of the local stack and
 * the routers inside the Lambdas are all made from this table.
 */

export type FunctionName =
  | 'connect'
  | 'callback'
  | 'configure'
  | 'schedule-refreshes'
  | 'refresh'
  | 'token'
  | 'connections'
  | 'maintain';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** In API Gateway's notation. */
  readonly path: string;
  readonly function: FunctionName;
  /** `service` needs SigV4 (IAM); `browser` is public. */
  readonly audience: 'service' | 'browser';
}

export const routes: readonly Route[] = [
  { method: 'POST', path: '/connect-sessions', function: 'connect', audience: 'service' },
  { method: 'GET', path: '/connect-sessions/{id}', function: 'connect', audience: 'service' },
  { method: 'POST', path: '/connect-sessions/{id}/claim', function: 'connect', audience: 'service' },
  { method: 'GET', path: '/connect/{secret}', function: 'connect', audience: 'browser' },
  { method: 'GET', path: '/oauth/callback', function: 'callback', audience: 'browser' },
  { method: 'GET', path: '/connections', function: 'connections', audience: 'service' },
  { method: 'GET', path: '/connections/{id}', function: 'connections', audience: 'service' },
  { method: 'DELETE', path: '/connections/{id}', function: 'connections', audience: 'service' },
  { method: 'GET', path: '/connections/{id}/token', function: 'token', audience: 'service' },
  { method: 'POST', path: '/connections/{id}/token', function: 'token', audience: 'service' },
  { method: 'GET', path: '/integrations/{tenant}/{integration}', function: 'connections', audience: 'service' },
  { method: 'DELETE', path: '/integrations/{tenant}/{integration}', function: 'connections', audience: 'service' },
  {
    method: 'PUT',
    path: '/integrations/{tenant}/{integration}/configuration',
    function: 'connections',
    audience: 'service',
  },
];

export const callbackPath = '/oauth/callback';
