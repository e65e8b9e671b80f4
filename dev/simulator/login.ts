/**
 * A login without a browser, once it is known who asks for whom: an access token and no refresh token
 * (salesforce-oauth.md, sections 3 and 8).
 */
import { type Answer, type Context, oauthError, personRefusal } from './endpoint.ts';
import type { LoginFlow } from './grant-book.ts';
import type { Person, SimulatorApp } from './orgs.ts';
import { newAccessToken, tokenAnswer } from './token-answer.ts';

export interface Login {
  app: SimulatorApp;
  person: Person;
  flow: LoginFlow;
}

export function logIn(context: Context, { app, person, flow }: Login): Answer {
  const { books, switches, now } = context;
  const { org, user } = person;
  const about = { clientId: app.clientId };
  const refused = personRefusal(person, about);
  if (refused !== undefined) return refused;
  if (books.logins.count(user.id, now()) >= switches.loginsPerHour) {
    return oauthError('rate_limit_exceeded', 'login rate exceeded', about);
  }
  books.logins.add(user.id, now());
  const who = { clientId: app.clientId, orgId: org.id, userId: user.id };
  const grant = books.ledger.loggedIn({ ...who, scopes: scopesOf(app), flow }, now());
  const again = switches.sameTokenAgain ? books.sessions.tokenAgain(grant.id, now()) : undefined;
  const accessToken = again ?? newAccessToken(context, grant);
  books.sessions.remember(grant.id, accessToken);
  return tokenAnswer(context, { app, grant, accessToken });
}

/** Those of the app that mean anything where there is no refresh token. */
export function scopesOf({ scopes }: SimulatorApp): string[] {
  return scopes.filter((scope) => scope !== 'refresh_token' && scope !== 'offline_access');
}
