/**
 * `/services/data/vNN.0/…`: two resources of the REST API, `limits` to try an access token on and `query`. Use extends
 * the session; a session needs the scope `api`.
 */
import {
  type Answer,
  bearerTokenOf,
  type Call,
  type Context,
  type EndpointFunction,
  jsonAnswer,
  restError,
} from './endpoint.ts';
import type { Grant } from './grant-book.ts';
import { queryOauthTokens } from './oauth-token-query.ts';

export function restResource(context: Context, call: Call): Answer {
  const { books, now } = context;
  const token = bearerTokenOf(call.headers);
  const live = token === undefined ? undefined : books.liveSession(token);
  if (token === undefined || live === undefined) {
    return restError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
  }
  const answer = refusal(context, live.grant) ?? served(context, call, live.grant);
  books.sessions.extend(token, now());
  return { ...answer, clientId: live.grant.clientId, grantId: live.grant.id };
}

function refusal({ switches }: Context, { scopes }: Grant): Answer | undefined {
  if (switches.restApi === 'disabled') {
    return restError(403, 'API_DISABLED_FOR_ORG', 'The REST API is not enabled for this Organization.');
  }
  if (scopes.includes('api') || scopes.includes('full')) return undefined;
  const code = switches.restWithoutApiScope === 401 ? 'INVALID_SESSION_ID' : 'INSUFFICIENT_ACCESS';
  return restError(switches.restWithoutApiScope, code, 'This session is not valid for use with the REST API');
}

function served(context: Context, call: Call, grant: Grant): Answer {
  const [, version, name = ''] = /^\/services\/data\/v(\d{2}\.0)\/([^/]+)\/?$/.exec(call.url.pathname) ?? [];
  const resource = version === undefined ? undefined : resources.get(name);
  if (resource === undefined) return restError(404, 'NOT_FOUND', 'The requested resource does not exist');
  if (call.method !== 'GET') {
    return restError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${call.method}' not allowed. Allowed are GET`);
  }
  return resource(context, call, grant);
}

type Resource = (...args: [...Parameters<EndpointFunction>, Grant]) => Answer;

const resources: ReadonlyMap<string, Resource> = new Map([
  ['limits', () => jsonAnswer({ DailyApiRequests: { Max: 15_000, Remaining: 14_998 } })],
  ['query', queryOauthTokens],
]);
