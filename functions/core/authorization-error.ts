/**
 * The errors that Salesforce sends back to the callback, and what each asks of whom (facts §2, RFC 6749 §4.1.2.1).
 */
import { withoutSecrets } from './secret-shapes.ts';
import type { SessionError } from './session.ts';

const known: Readonly<Record<string, Omit<SessionError, 'code'>>> = {
  access_denied: {
    detail: 'The user, or a policy of the org, did not allow the access.',
    remedy: 'Open a new link and choose Allow; if there was no question, ask the Salesforce administrator.',
  },
  OAUTH_APP_BLOCKED: {
    detail: "The org's administrator has blocked this app.",
    remedy: 'Ask the Salesforce administrator to unblock the app in Setup, under Connected Apps OAuth Usage.',
  },
  OAUTH_APP_ACCESS_DENIED: {
    detail: 'The user is not approved for this app.',
    remedy: "Ask the Salesforce administrator to give the user's profile or permission set access to the app.",
  },
  OAUTH_EC_APP_NOT_FOUND: {
    detail: 'The external client app is not installed in this org.',
    remedy: 'Ask the Salesforce administrator to install the app in the org, then open a new link.',
  },
  OAUTH_AUTHORIZATION_BLOCKED: {
    detail: 'The org blocks new authorizations of this app.',
    remedy: 'Ask the Salesforce administrator to install or allow the app, then open a new link.',
  },
  invalid_request: {
    detail: 'Salesforce calls the authorization request malformed.',
    remedy:
      "Ask the operator of this service to check the app's settings (PKCE, callback URL, scopes) in Salesforce Setup.",
  },
  immediate_unsuccessful: {
    detail: 'The user was not logged in, or had not approved the app before.',
    remedy: 'Open a new link and log in.',
  },
  invalid_scope: {
    detail: 'The app asks for a scope that Salesforce does not give it.',
    remedy: "Ask the operator of this service to compare the app's scopes with those in Salesforce Setup.",
  },
  inactive_user: {
    detail: 'The user is deactivated.',
    remedy: 'Log in as another user, or ask the Salesforce administrator to activate this one.',
  },
  inactive_org: {
    detail: 'The org is locked, suspended or expired.',
    remedy: 'Ask the Salesforce administrator to reactivate the org.',
  },
  rate_limit_exceeded: {
    detail: 'Salesforce refuses more logins for now.',
    remedy: 'Wait an hour, then open a new link.',
  },
  server_error: { detail: 'Salesforce failed.', remedy: 'Open a new link in a few minutes.' },
  temporarily_unavailable: { detail: 'Salesforce is not available.', remedy: 'Open a new link in a few minutes.' },
};

export const knownAuthorizationErrors: readonly string[] = Object.keys(known);

/** The session's error for a callback's `error=`. An unknown one keeps its code, shortened to what is printable. */
export function authorizationError(error: string): SessionError {
  const entry = Object.hasOwn(known, error) ? known[error] : undefined;
  if (entry !== undefined) return { code: error, ...entry };
  return {
    code:
      withoutSecrets(error)
        .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
        .slice(0, 64) || 'unknown_error',
    detail: 'Salesforce ended the authorization with an error that we do not know.',
    remedy: 'Open a new link; if it happens again, look the code up in Salesforce Help.',
  };
}
