/** Finds the route of a request in the table that the deployed gateway is made from. */
import { type Route, routes } from '../../functions/core/routes.ts';
import type { RouteMatch } from './gateway-event.ts';

export type Routing = { readonly kind: 'match'; readonly match: RouteMatch } | { readonly kind: 'malformed' | 'none' };

/**
 * The route of this method, or else the path's ANY route, which the construct deploys beside them so that its function
 * can say which methods the path takes. `malformed`: a path parameter is not valid percent-encoding of UTF-8.
 */
export function routeRequest(method: string, rawPath: string, table: readonly Route[] = routes): Routing {
  const segments = rawPath.split('/');
  const fitting = table.flatMap((route) => {
    const raw = captured(route.path.split('/'), segments);
    return raw === undefined ? [] : [{ route, raw }];
  });
  const found = fitting.find(({ route }) => route.method === method) ?? fitting[0];
  if (found === undefined) return { kind: 'none' };
  const pathParameters = decoded(found.raw);
  if (pathParameters === undefined) return { kind: 'malformed' };
  const { route } = found;
  return { kind: 'match', match: { route, pathParameters, any: route.method !== method } };
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
