/**
 * What ties a connect session to one browser: a cookie, and the `state` and PKCE verifier that are made from it.
 *
 * Stored are hashes and a salt. The `state` is single-use because the session is, and shows the callback which session
 * it belongs to. The verifier (RFC 7636 §4.1) needs the cookie and the salt: neither the table nor the browser alone
 * can make it, and it is stored nowhere. base64url only, for Salesforce refuses verifiers that hold `~`.
 */

import { equalInConstantTime, sha256Base64url, sha256Hex } from './hash.ts';
import { sessionIdPattern } from './ids.ts';
import { Secret } from './secret.ts';
import type { Binding, Session } from './session.ts';

export function sessionIdOfLinkSecret(linkSecret: string): string {
  return sha256Base64url(`link.${linkSecret}`);
}

/** `__Host-` (RFC 6265bis §4.1.3.2): Secure, this host only, path `/`. One for each session. */
export function cookieName(sessionId: string): string {
  return `__Host-grantkeeper-${sessionId}`;
}

/** `Lax`, because the way back from Salesforce is a cross-site navigation. */
export function cookieHeader(sessionId: string, value: string, maxAgeSeconds: number): string {
  return `${cookieName(sessionId)}=${value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}`;
}

export function stateOf(sessionId: string, cookie: string): string {
  return `${sessionId}.${sha256Base64url(`state.${cookie}`)}`;
}

export function sessionIdOfState(state: string): string | undefined {
  const [sessionId, rest, ...more] = state.split('.');
  if (sessionId === undefined || rest === undefined || more.length > 0) return undefined;
  return sessionIdPattern.test(sessionId) && sessionIdPattern.test(rest) ? sessionId : undefined;
}

export function codeVerifierOf(binding: Binding, cookie: string): Secret {
  return new Secret(sha256Base64url(`verifier.${binding.verifierSalt}.${cookie}`));
}

/** PKCE S256 (RFC 7636 §4.2). */
export function codeChallengeOf(verifier: Secret): string {
  return sha256Base64url(verifier.reveal());
}

export function bindingOf(sessionId: string, cookie: string, verifierSalt: string): Binding {
  return {
    cookieSha256: sha256Hex(cookie),
    stateSha256: sha256Hex(stateOf(sessionId, cookie)),
    verifierSalt,
    claimSha256: sha256Hex(claimOf({ verifierSalt }, cookie)),
  };
}

/** Goes back to the service with the bound browser, and can be made by nobody else. Repeatable, stored nowhere. */
export function claimOf({ verifierSalt }: Pick<Binding, 'verifierSalt'>, cookie: string): string {
  return sha256Base64url(`claim.${verifierSalt}.${cookie}`);
}

/** Is this the browser that opened the link last? */
export function isBoundBrowser(session: Session, cookie: string | undefined): cookie is string {
  if (session.binding === undefined || cookie === undefined) return false;
  return equalInConstantTime(sha256Hex(cookie), session.binding.cookieSha256);
}

export function isStateOf(session: Session, state: string): boolean {
  return session.binding !== undefined && equalInConstantTime(sha256Hex(state), session.binding.stateSha256);
}
