/**
 * `grant_type=client_credentials` (RFC 6749 section 4.4): the app runs as the one user that an administrator chose, and
 * on the org's My Domain only (salesforce-oauth.md, sections 3 and 4).
 */
import { authenticateClient } from './client-authentication.ts';
import { type Answer, type Call, type Context, oauthError } from './endpoint.ts';
import { logIn, scopesOf } from './login.ts';
import { findUser, isUsername } from './orgs.ts';

export function exchangeClientCredentials(context: Context, call: Call): Answer {
  const { books, switches } = context;
  if (!switches.myDomain) return oauthError('invalid_grant', 'request not supported on this domain');
  const { app, refusal } = authenticateClient(context, call);
  if (refusal !== undefined) return refusal;
  const about = { clientId: app.clientId };
  // Whoever knew the client id could ask for a public client.
  if (app.clientSecret === undefined) return oauthError('invalid_client', 'invalid client credentials', about);
  const { runAs } = books.policies.of(app);
  const person = runAs === null ? undefined : findUser(books.orgs, ({ username }) => isUsername(username, runAs));
  if (person === undefined) return oauthError('invalid_grant', 'no client credentials user enabled', about);
  if (scopesOf(app).length === 0) return oauthError('invalid_grant', 'no valid scopes defined', about);
  return logIn(context, { app, person, flow: 'client_credentials' });
}
