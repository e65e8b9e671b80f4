/**
 * `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer` (RFC 7523; salesforce-oauth.md, sections 4 and 8): an
 * assertion, signed with a key whose certificate the app holds, becomes an access token of a pre-authorized user.
 *
 * One assertion may be used again while it lives: that Salesforce remembers `jti` is not known. That an expired one is
 * called "expired authorization code" is reported of several clients (simple-salesforce, issues 371 and 491).
 */
import { type Assertion, expiryOf, isSigned, readAssertion } from './assertion.ts';
import { type Answer, type Call, type Context, oauthError } from './endpoint.ts';
import { logIn } from './login.ts';
import { findUser, isUsername, type Person, type SimulatorApp } from './orgs.ts';

export const assertionGrantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export function exchangeAssertion(context: Context, { form }: Call): Answer {
  const assertion = readAssertion(form.get('assertion') ?? '');
  if (assertion === undefined) return oauthError('invalid_grant', 'invalid assertion');
  const app = context.apps.find(({ clientId }) => clientId === assertion.claims.iss);
  if (app === undefined) return oauthError('invalid_client_id', 'client identifier invalid');
  const refused = refusal(context, app, assertion);
  if (refused !== undefined) return oauthError('invalid_grant', refused, { clientId: app.clientId });
  const person = preauthorizedUser(context, app, assertion.claims.sub);
  if (person !== undefined) return logIn(context, { app, person, flow: 'jwt_bearer' });
  // Of a username that nobody has, too: who asks shall not learn which there are.
  return oauthError('invalid_grant', "user hasn't approved this consumer", { clientId: app.clientId });
}

function refusal({ origin, books, switches, now }: Context, app: SimulatorApp, assertion: Assertion) {
  const { certificates } = books.policies.of(app);
  const { endedCertificate, audiences } = switches;
  if (!isSigned(assertion, { certificates, endedCertificate, now: now() })) return 'invalid assertion';
  const expiry = expiryOf(assertion, now());
  if (expiry !== 'good') return expiry === 'past' ? 'expired authorization code' : 'invalid assertion';
  return [origin, ...audiences].some((audience) => audience === assertion.claims.aud)
    ? undefined
    : 'audience is invalid';
}

function preauthorizedUser({ books }: Context, app: SimulatorApp, subject: unknown): Person | undefined {
  if (typeof subject !== 'string') return undefined;
  const { preauthorized } = books.policies.of(app);
  if (preauthorized !== 'all' && !preauthorized.some((username) => isUsername(username, subject))) return undefined;
  return findUser(books.orgs, ({ username }) => isUsername(username, subject));
}
