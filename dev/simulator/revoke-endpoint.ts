/**
 * `POST /services/oauth2/revoke`: an access token ends its session, a refresh token its grant with every session;
 * other grants of the same user and app survive (salesforce-oauth.md, section 7). A grant without a refresh token is over
 * with its session.
 */
import { type Answer, type Call, type Context, oauthError } from './endpoint.ts';
import { type Grant, isLive } from './grant-book.ts';

export function revokeEndpoint(context: Context, { method, form }: Call): Answer {
  if (method !== 'POST') return oauthError('invalid_request', 'must use HTTP POST');
  const token = form.get('token');
  if (!token) return refusal(context, 'unsupported_token_type', 'this token type is not supported');
  const { books } = context;

  const found = books.ledger.ofRefreshToken(token);
  if (found?.current && isLive(found.grant)) {
    books.endGrant(found.grant.id, 'revoked');
    return revoked(found.grant, 'refresh_token');
  }
  const live = books.liveSession(token);
  if (live !== undefined) {
    books.sessions.end(token);
    if (isOver(live.grant)) books.endGrant(live.grant.id, 'revoked');
    return revoked(live.grant, 'access_token');
  }
  return refusal(context, 'invalid_token', 'invalid token', found && { grantId: found.grant.id });
}

/** With its session: one without a refresh token. A login without a browser can be made again. */
function isOver({ refreshTokenFingerprint, flow }: Grant): boolean {
  return refreshTokenFingerprint === undefined && flow === undefined;
}

function revoked({ clientId, id: grantId }: Grant, what: NonNullable<Answer['revoked']>): Answer {
  return { response: new Response(null, { status: 200 }), outcome: 'ok', clientId, grantId, revoked: what };
}

function refusal({ switches }: Context, error: string, description: string, about?: Partial<Answer>): Answer {
  const answer = oauthError(error, description, about);
  if (!switches.formEncodedRevokeErrors) return answer;
  const body = new URLSearchParams({ error, error_description: description });
  return { ...answer, response: new Response(body, { status: 400 }) };
}
