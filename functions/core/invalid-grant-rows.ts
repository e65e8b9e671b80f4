/** The rows of `invalid_grant`: the one code that stands for a dead token, for a busy one and for nearly everything else. */
import {
  appPolicies,
  appSettings,
  askUs,
  enableAssertions,
  enableClients,
  mendUser,
  preauthorize,
  restart,
  wait,
} from './error-remedies.ts';
import type { ErrorRow, ErrorWords } from './error-row.ts';

const noToken: ErrorWords = {
  meaning: 'Salesforce speaks of a token, though none was sent; what it means by that is not known.',
  actor: 'administrator',
  remedy: mendUser,
};

const lockedOut: Partial<ErrorWords> = {
  meaning: 'The user is locked, frozen or deactivated.',
  actor: 'administrator',
  remedy: mendUser,
};

const rows: readonly Omit<ErrorRow, 'error'>[] = [
  {
    description: 'expired access/refresh token',
    class: 'dead',
    meaning:
      'The refresh token expired, was revoked, evicted by a newer grant or rotated out; which of them is not said.',
    actor: 'user',
    remedy: restart,
    words: { jwt_bearer: noToken, client_credentials: noToken },
  },
  {
    description: 'token request is already being processed',
    class: 'busy',
    meaning: 'Another refresh of the same token is in flight, perhaps by a program that shares it.',
    actor: 'nobody',
    remedy: `${wait} If it lasts, look for another program that uses this refresh token.`,
  },
  {
    description: 'expired authorization code',
    // Of an assertion: reported of several clients (simple-salesforce 371 and 491, newrelic-salesforce-exporter 31).
    class: { code: 'dead', refresh: 'busy', jwt_bearer: 'operator', client_credentials: 'unknown' },
    meaning: 'The code is older than 15 minutes or was used before.',
    actor: 'user',
    remedy: restart,
    words: {
      refresh: { meaning: 'Seen for a refresh that races another.', actor: 'nobody', remedy: wait },
      jwt_bearer: {
        meaning: 'The assertion had expired when Salesforce read it (reported): our clock is behind, by minutes.',
        actor: 'operator',
        remedy: 'Set the clock of the machine that signs; on Lambda, where AWS sets it, report it as a defect.',
      },
    },
  },
  {
    description: 'invalid authorization code',
    class: { code: 'dead', refresh: 'unknown' },
    meaning: 'The code is not one of this app and callback URL.',
    actor: 'user',
    remedy: restart,
  },
  {
    description: 'invalid code verifier',
    class: 'bug',
    meaning: 'The PKCE verifier does not fit the challenge.',
    actor: 'operator',
    remedy: askUs,
  },
  {
    description: 'authentication failure',
    class: 'dead',
    meaning: "The user's password was changed, or the user is locked or deactivated.",
    actor: 'user',
    remedy: 'Have the administrator look at the user (Setup > Users), then authorize again.',
    words: { jwt_bearer: lockedOut, client_credentials: lockedOut },
  },
  {
    description: 'inactive user',
    class: 'admin',
    meaning: 'The user is deactivated.',
    actor: 'administrator',
    remedy: 'Activate the user (Setup > Users), or connect another user.',
  },
  {
    description: 'ip restricted',
    class: 'admin',
    meaning: 'The org takes logins and refreshes only from IP addresses that it lists.',
    actor: 'administrator',
    remedy: `Add our egress addresses to the profile (Setup > Profiles > Login IP Ranges), or relax the app's IP Relaxation (${appPolicies}).`,
  },
  {
    description: 'ip restricted or invalid login hours',
    class: 'admin',
    meaning: "The profile's IP ranges or login hours keep the user out.",
    actor: 'administrator',
    remedy: 'Look at the profile: Setup > Profiles > Login IP Ranges and Login Hours.',
  },
  {
    description: "user hasn't approved this consumer",
    class: 'admin',
    meaning: 'The user is not pre-authorized for the app, or the org that was asked has no user of this name.',
    actor: 'administrator',
    remedy: preauthorize,
  },
  {
    description: 'invalid assertion',
    class: 'operator',
    meaning: 'The assertion does not fit a certificate that Salesforce holds for the app, or a claim is wrong.',
    actor: 'operator',
    remedy: `${enableAssertions} It must be the one that npx grantkeeper signing-key wrote last; with --try USERNAME the command says which key Salesforce takes. Compare clientId with the consumer key there.`,
  },
  ...['audience is invalid', 'audience validation failed'].map((description) => ({
    description,
    class: 'operator' as const,
    meaning: 'The assertion is meant for another host than the one where the org logs in.',
    actor: 'operator' as const,
    remedy:
      "Set the app's loginUrl in the configuration to https://login.salesforce.com, to https://test.salesforce.com for a sandbox, or to the org's My Domain (Setup > My Domain); the audience follows it. Where you wrote audience, leave it out, or write the Experience Cloud site's URL.",
  })),
  {
    description: 'no client credentials user enabled',
    class: 'operator',
    meaning: 'The app has no user to run as.',
    actor: 'operator',
    remedy: enableClients,
  },
  {
    description: 'no valid scopes defined',
    class: 'operator',
    meaning: 'The app has no scope that this flow may give.',
    actor: 'operator',
    remedy: `${appSettings}: add "Manage user data via APIs (api)" to Selected OAuth Scopes.`,
  },
  {
    description: 'request not supported on this domain',
    class: 'operator',
    meaning: 'This flow works on the My Domain host only.',
    actor: 'operator',
    remedy:
      "Set the app's loginUrl in the configuration to the org's My Domain (Setup > My Domain), such as https://example.my.salesforce.com.",
  },
];

export const invalidGrantRows: readonly ErrorRow[] = rows.map((row) => ({ error: 'invalid_grant', ...row }));
