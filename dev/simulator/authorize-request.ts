/**
 * Judges the query of `/services/oauth2/authorize` (salesforce-oauth.md, section 2).
 *
 * An unknown client or redirect URI ends on a page of Salesforce and never redirects; everything else goes back to the
 * client as `error=`.
 */
import type { Context } from './endpoint.ts';
import { callbackErrorDescriptions } from './error-table.ts';
import type { SimulatorApp } from './orgs.ts';

export interface AuthorizeRequest {
  app: SimulatorApp;
  redirectUri: string;
  scopes: string[];
  codeChallenge: string;
  state: string | null;
  loginHint: string | null;
}

export type AuthorizeJudgement =
  | { kind: 'page'; error: string; description: string }
  | { kind: 'redirect'; location: string; outcome: string; clientId: string }
  | { kind: 'ask'; request: AuthorizeRequest };

export function judgeAuthorizeRequest({ apps, switches }: Context, query: URLSearchParams): AuthorizeJudgement {
  const app = apps.find((candidate) => candidate.clientId === query.get('client_id'));
  if (app === undefined) return { kind: 'page', error: 'invalid_client_id', description: 'client identifier invalid' };
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!app.redirectUris.includes(redirectUri)) {
    return { kind: 'page', error: 'redirect_uri_mismatch', description: 'redirect_uri must match configuration' };
  }
  const state = query.get('state');
  const fail = (error: string, description: string): AuthorizeJudgement => ({
    kind: 'redirect',
    location: errorRedirect({ redirectUri, state }, error, description),
    outcome: `${error}: ${description}`,
    clientId: app.clientId,
  });

  if (query.get('response_type') !== 'code') return fail('unsupported_response_type', 'response type not supported');
  const codeChallenge = query.get('code_challenge');
  if (!codeChallenge) return fail('invalid_request', 'missing required code challenge');
  if (query.get('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge)) {
    return fail('invalid_request', 'invalid code challenge');
  }
  const scopes = query.get('scope')?.split(' ').filter(Boolean) ?? app.scopes;
  if (!scopes.every((scope) => isAllowed(app, scope)))
    return fail('invalid_scope', 'the requested scope is not allowed');
  const { callbackError } = switches;
  if (callbackError) return fail(callbackError, callbackErrorDescriptions[callbackError] ?? callbackError);
  const loginHint = query.get('login_hint');
  return { kind: 'ask', request: { app, redirectUri, scopes, codeChallenge, state, loginHint } };
}

export function errorRedirect(
  { redirectUri, state }: Pick<AuthorizeRequest, 'redirectUri' | 'state'>,
  error: string,
  description: string,
): string {
  return redirectTo(redirectUri, { error, error_description: description, state });
}

export function redirectTo(redirectUri: string, parameters: Record<string, string | null>): string {
  const location = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) location.searchParams.set(name, value);
  }
  return location.href;
}

/** `offline_access` is another name of `refresh_token`. */
function isAllowed(app: SimulatorApp, scope: string): boolean {
  return app.scopes.includes(scope) || (scope === 'offline_access' && app.scopes.includes('refresh_token'));
}
