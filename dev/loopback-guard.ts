/**
 * What a web page elsewhere may not do: reach a listener of the local stack.
 *
 * Every listener, engines included, asks this before anything else. Two attacks: DNS rebinding (a foreign name that
 * resolves to 127.0.0.1: the `Host` gives it away) and cross-site requests (Fetch Metadata and `Origin` give them
 * away). Source: W3C Fetch Metadata Request Headers; RFC 6454 §7; RFC 9110 §7.2.
 */
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { isLoopbackHost } from '../functions/core/hosts.ts';

export interface GuardedRequest {
  readonly method: string;
  /** Raw path, without the query. */
  readonly path: string;
  /** The port that the listener is bound to. */
  readonly port: number;
  readonly host: string | undefined;
  readonly origin?: string | undefined;
  readonly secFetchSite?: string | undefined;
  readonly secFetchMode?: string | undefined;
  readonly secFetchDest?: string | undefined;
}

/** True for paths that a page elsewhere may send a person to, by a top-level `GET`: those of the connect flow. */
export type Navigable = (path: string) => boolean;

export type GuardVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/** Judges one request. Without browser headers (an SDK, `curl`) only the `Host` counts. */
export function guardRequest(request: GuardedRequest, navigable: Navigable = () => false): GuardVerdict {
  if (!isOwnHost(request.host, request.port)) {
    return refused(`the Host must be 127.0.0.1:${request.port} or localhost:${request.port}`);
  }
  const navigation = isTopLevelGet(request);
  if (navigation && navigable(request.path)) return { allowed: true };
  if (!isOwnSite(request.secFetchSite, navigation)) {
    return refused('cross-site requests are not taken: open the address yourself');
  }
  if (!isOwnOrigin(request)) return refused(`the Origin must be http://${request.host}`);
  return { allowed: true };
}

/** Puts the guard before every request listener that `server` has now, and drops CORS permissions from answers. */
export function guardServer(server: Server, navigable?: Navigable): void {
  const inner = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const verdict = guardRequest(guardedRequestOf(request), navigable);
    if (!verdict.allowed) return refuse(request, response, verdict.reason);
    withholdCors(response);
    for (const listener of inner) listener.call(server, request, response);
  });
  // An upgrade or CONNECT would pass by the listeners above; nothing here speaks either.
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connect', (_request, socket) => socket.destroy());
}

function guardedRequestOf(request: IncomingMessage): GuardedRequest {
  const headers: IncomingHttpHeaders = request.headers;
  return {
    method: request.method ?? '',
    path: (request.url ?? '').split('?', 1)[0] ?? '',
    port: request.socket.localPort ?? 0,
    host: headers.host,
    origin: headers.origin,
    secFetchSite: header(headers, 'sec-fetch-site'),
    secFetchMode: header(headers, 'sec-fetch-mode'),
    secFetchDest: header(headers, 'sec-fetch-dest'),
  };
}

function isOwnHost(host: string | undefined, port: number): boolean {
  const match = /^(\[[0-9a-f:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(host ?? '');
  if (match === null) return false;
  return isLoopbackHost((match[1] ?? '').toLowerCase()) && Number(match[2] ?? 80) === port;
}

/** Where Fetch Metadata is missing, an `Origin` tells a script's request: a navigation by `GET` sends none. */
function isTopLevelGet({ method, origin, secFetchMode, secFetchDest }: GuardedRequest): boolean {
  const mode = secFetchMode ?? (origin === undefined ? 'navigate' : 'cors');
  return method === 'GET' && mode === 'navigate' && (secFetchDest ?? 'document') === 'document';
}

/** Another port of loopback is the same site, yet another origin: a link from there may be followed, no more. */
function isOwnSite(site: string | undefined, navigation: boolean): boolean {
  return site === undefined || site === 'none' || site === 'same-origin' || (site === 'same-site' && navigation);
}

function isOwnOrigin({ origin, host, secFetchSite }: GuardedRequest): boolean {
  if (origin === undefined) return true;
  // A page with `Referrer-Policy: no-referrer` posts its own forms with the origin `null`; Fetch Metadata, which no
  // page can forge, then says whose they are.
  if (origin === 'null') return secFetchSite === 'same-origin';
  return origin.toLowerCase() === `http://${(host ?? '').toLowerCase()}`;
}

function refuse(request: IncomingMessage, response: ServerResponse, reason: string): void {
  request.resume();
  response.writeHead(403, { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' });
  response.end(JSON.stringify({ message: `Forbidden: ${reason}` }));
}

/** `dynalite` answers any `Origin` with `Access-Control-Allow-Origin: *`. */
function withholdCors(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) =>
    name.toLowerCase().startsWith('access-control-') ? response : setHeader(name, value);
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function refused(reason: string): GuardVerdict {
  return { allowed: false, reason };
}
