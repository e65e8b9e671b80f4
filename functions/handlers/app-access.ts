/**
 * Holds a caller to the apps that it was granted, where IAM could not see them: they stand in the body or the query,
 * or in what a session or an integration is of (`functions/core/app-callers.ts`).
 */
import type { HttpRequest } from '../core/http.ts';
import { parseConnectionId } from '../core/ids.ts';
import type { Ports } from '../core/ports.ts';
import type { Problem } from '../core/problem.ts';
import type { Capability } from '../core/routes.ts';
import type { Judged } from './request-fields.ts';

export type AppAccessPorts = Pick<Ports, 'appCallers'>;

/**
 * `undefined`: the caller may act on that app.
 *
 * @param app absent: the request names none and means all, which a limited caller may not
 */
export function forbiddenApp(
  { appCallers }: AppAccessPorts,
  request: HttpRequest,
  capability: Capability,
  app: string | undefined,
): Problem | undefined {
  const allowed = appCallers.allowedApps(request.caller, capability);
  if (allowed === 'all' || (app !== undefined && allowed.has(app))) return undefined;
  const about = app === undefined ? 'is about all apps' : `is about the app ${app.slice(0, 31)}`;
  const whose = allowed.size === 0 ? 'none' : `these only: ${[...allowed].toSorted().join(', ')}`;
  const detail = `This request ${about}; of apps that the caller may ${words[capability]}, there are ${whose}.`;
  return { code: 'forbidden', detail: `${detail} Name one of them, or ask the deployer for a grant of more.` };
}

/** The same for a connection, by its id. */
export function forbiddenConnection(
  ports: AppAccessPorts,
  request: HttpRequest,
  capability: Capability,
  connectionId: string,
): Problem | undefined {
  return forbiddenApp(ports, request, capability, parseConnectionId(connectionId)?.app);
}

export interface ReadableApps {
  readonly apps: readonly string[];
  /** These are all there are: what is of no single app may be shown too. */
  readonly all: boolean;
}

/**
 * The apps that a list is about: without one in the request, those that the caller may read.
 *
 * @param app that the request names
 */
export function readableApps(
  ports: AppAccessPorts & Pick<Ports, 'config'>,
  request: HttpRequest,
  app: string | undefined,
): Judged<ReadableApps> {
  const known = Object.keys(ports.config.apps);
  const allowed = ports.appCallers.allowedApps(request.caller, 'read');
  if (allowed === 'all') return { ok: true, value: { apps: known, all: true } };
  const own = known.filter((one) => allowed.has(one));
  const problem = app === undefined && own.length > 0 ? undefined : forbiddenApp(ports, request, 'read', app);
  return problem === undefined ? { ok: true, value: { apps: own, all: false } } : { ok: false, problem };
}

const words: Readonly<Record<Capability, string>> = {
  read: 'read',
  connect: 'connect and configure',
  admin: 'disconnect and unlink',
};
