/**
 * Keeps web pages from elsewhere away from the simulator's listener (design.md, "Local stack").
 *
 * A foreign `Host` is a rebound DNS name. A cross-site request is refused unless it is the one that the connect flow
 * begins with: a top-level navigation to the authorization page.
 */

export interface GuardedRequest {
  method: string;
  path: string;
  header: (name: string) => string | undefined;
}

/** Why the request is refused, or `undefined`. */
export function refusalOf(request: GuardedRequest, port: number): string | undefined {
  const host = request.header('host') ?? '';
  const own = ['127.0.0.1', 'localhost', '[::1]'].map((name) => (port === 80 ? name : `${name}:${port}`));
  if (!own.includes(host.toLowerCase())) return `The Host must be one of ${own.join(', ')}.`;
  if (isFromElsewhere(request) && !isConnectNavigation(request)) {
    return 'A page of another site must not reach the simulator.';
  }
  return undefined;
}

function isFromElsewhere({ header }: GuardedRequest): boolean {
  if (header('sec-fetch-site') === 'cross-site') return true;
  const origin = header('origin');
  if (origin === undefined) return false;
  const hostname = URL.parse(origin)?.hostname ?? '';
  return !(hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname));
}

function isConnectNavigation({ method, path, header }: GuardedRequest): boolean {
  const topLevel = header('sec-fetch-mode') === 'navigate' && (header('sec-fetch-dest') ?? 'document') === 'document';
  return method === 'GET' && path === '/services/oauth2/authorize' && topLevel;
}
