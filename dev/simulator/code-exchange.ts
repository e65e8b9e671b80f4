/**
 * `grant_type=authorization_code`: a code and its PKCE verifier become a grant. Here the limit of grants bites.
 *
 * A refused request does not spend the code.
 */
import { createHash } from 'node:crypto';
import { authenticateClient } from './client-authentication.ts';
import type { Authorization } from './code-book.ts';
import { type Answer, type Call, type Context, oauthError, personRefusal } from './endpoint.ts';
import type { SimulatorApp } from './orgs.ts';
import { newRefreshToken, tokenAnswer } from './token-answer.ts';

export function exchangeCode(context: Context, call: Call): Answer {
  const { app, refusal } = authenticateClient(context, call);
  if (refusal !== undefined) return refusal;
  const code = call.form.get('code') ?? '';
  const found = context.books.codes.look(code, context.now());
  const about = { clientId: app.clientId };
  if (found.state === 'spent') return oauthError('invalid_grant', 'expired authorization code', about);
  if (found.state === 'unknown' || found.authorization.clientId !== app.clientId) {
    return oauthError('invalid_grant', 'invalid authorization code', about);
  }
  const { authorization } = found;
  if (call.form.get('redirect_uri') !== authorization.redirectUri) {
    return oauthError('redirect_uri_mismatch', 'redirect_uri must match configuration', about);
  }
  if (!isVerifierOf(authorization.codeChallenge, call.form.get('code_verifier') ?? '')) {
    return oauthError('invalid_grant', 'invalid code verifier', about);
  }
  const refused = personRefusal(context.books.person(authorization.userId), about);
  if (refused !== undefined) return refused;
  context.books.codes.spend(code, context.now());
  return openGrant(context, app, authorization);
}

function openGrant(context: Context, app: SimulatorApp, authorization: Authorization): Answer {
  const { books, switches } = context;
  const { orgId, userId, scopes } = authorization;
  const refreshToken = scopes.some((scope) => refreshScopes.has(scope)) ? newRefreshToken(context) : undefined;
  const { grant, evicted } = books.ledger.open(
    { clientId: app.clientId, orgId, userId, scopes, refreshToken },
    context.now(),
    { limit: switches.grantLimit, eviction: switches.eviction },
  );
  for (const { id } of evicted) books.sessions.endOfGrant(id);
  return tokenAnswer(context, { app, grant, refreshToken });
}

const refreshScopes = new Set(['refresh_token', 'offline_access']);

/** RFC 7636 section 4.6, S256; Salesforce refuses a `~`, which the RFC allows. */
function isVerifierOf(challenge: string, verifier: string): boolean {
  if (!/^[A-Za-z0-9._-]{43,128}$/.test(verifier)) return false;
  return createHash('sha256').update(verifier).digest('base64url') === challenge;
}
