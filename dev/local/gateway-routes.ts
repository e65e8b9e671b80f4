/** Finds the route of a request in the table that the deployed gateway is made from. */
import { type Route, routes } from '../../functions/core/routes.ts';
import type { RouteMatch } from './gateway-event.ts';

export type Routing = { readonly kind: 'match'; readonly match: RouteMatch } | { readonly kind: 'malformed' | 'none' };

/** `malformed`: a path parameter is not valid percent-encoding of UTF-8. */
export function routeRequest(method: string, rawPath: string, table: readonly Route[] = routes): Routing {
  const segments = rawPath.split('/');
  for (const route of table) {
    if (route.method !== method) continue;
    const raw = captured(route.path.split('/'), segments);
    if (raw === undefined) continue;
    const pathParameters = decoded(raw);
    if (pathParameters === undefined) return { kind: 'malformed' };
    return { kind: 'match', match: { route, pathParameters } };
  }
  return { kind: 'none' };
}

function captured(pattern: readonly string[], segments: readonly string[]): [string, string][] | undefined {
  if (pattern.length !== segments.length) return undefined;
  const found: [string, string][] = [];
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? '';
    if (expected.startsWith('{')) {
      if (actual === '') return undefined;
      found.push([expected.slice(1, -1), actual]);
    } else if (expected !== actual) {
      return undefined;
    }
  }
  return found;
}

function decoded(raw: readonly [string, string][]): Record<string, string> | undefined {
  try {
    return Object.fromEntries(raw.map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return undefined;
  }
}
