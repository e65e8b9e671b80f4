/**
 * `GET /services/data/vNN.0/limits`: a small resource of the REST API, to try an access token on. Use extends the
 * session.
 */
import { type Answer, bearerTokenOf, type Call, type Context, jsonAnswer, restError } from './endpoint.ts';

export function restResource({ books, now }: Context, { url, headers, method }: Call): Answer {
  const token = bearerTokenOf(headers);
  const live = token === undefined ? undefined : books.liveSession(token);
  if (token === undefined || live === undefined) {
    return restError(401, 'INVALID_SESSION_ID', 'Session expired or invalid');
  }
  books.sessions.extend(token, now());
  if (!/^\/services\/data\/v\d{2}\.0\/limits\/?$/.test(url.pathname)) {
    return restError(404, 'NOT_FOUND', 'The requested resource does not exist');
  }
  if (method !== 'GET')
    return restError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${method}' not allowed. Allowed are GET`);
  const body = { DailyApiRequests: { Max: 15_000, Remaining: 14_998 } };
  return jsonAnswer(body, { clientId: live.grant.clientId, grantId: live.grant.id });
}
