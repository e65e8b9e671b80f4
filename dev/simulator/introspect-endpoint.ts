/**
 * `POST /services/oauth2/introspect` (RFC 7662; salesforce-oauth.md, section 6): the one place where a session's length
 * can be learnt. A client sees its own tokens only.
 */
import { authenticateClient } from './client-authentication.ts';
import { type Answer, type Call, type Context, jsonAnswer, oauthError } from './endpoint.ts';
import { type Grant, isLive } from './grant-book.ts';
import { endsAt } from './session-book.ts';
import { identityUrl } from './token-answer.ts';

export function introspectEndpoint(context: Context, call: Call): Answer {
  if (call.method !== 'POST') return oauthError('invalid_request', 'must use HTTP POST');
  const { app, refusal } = authenticateClient(context, call);
  if (refusal !== undefined) return refusal;
  const about = { clientId: app.clientId };
  if (context.switches.introspection === 'off') {
    return oauthError('invalid_request', 'introspection is not enabled for this app', about);
  }
  const token = call.form.get('token');
  if (!token) return oauthError('invalid_request', 'missing required parameter: token', about);

  const found = look(context, token);
  const hidden = found === undefined || found.grant.clientId !== app.clientId;
  if (hidden || context.switches.introspection === 'inactive') return jsonAnswer({ active: false }, about);
  const { grant, ...facts } = found;
  return jsonAnswer({ ...describe(context, grant), ...facts }, { ...about, grantId: grant.id });
}

interface Facts {
  grant: Grant;
  token_type: 'access_token' | 'refresh_token';
  iat: number;
  nbf: number;
  exp?: number;
}

function look({ books }: Context, token: string): Facts | undefined {
  const live = books.liveSession(token);
  if (live !== undefined) {
    const iat = seconds(live.session.issuedAt);
    return { grant: live.grant, token_type: 'access_token', iat, nbf: iat, exp: seconds(endsAt(live.session)) };
  }
  const found = books.ledger.ofRefreshToken(token);
  if (!found?.current || !isLive(found.grant)) return undefined;
  const iat = seconds(found.grant.createdAt);
  return { grant: found.grant, token_type: 'refresh_token', iat, nbf: iat };
}

function describe({ books, origin }: Context, grant: Grant) {
  return {
    active: true,
    scope: grant.scopes.join(' '),
    client_id: grant.clientId,
    username: books.person(grant.userId)?.user.username,
    sub: identityUrl(origin, grant),
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
