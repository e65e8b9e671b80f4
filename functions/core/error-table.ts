/**
 * Every error of the token endpoint that is known, what it means, and who must do what (facts §4). `docs/errors.md`
 * is made from it.
 *
 * All were seen with HTTP 400, so the body is judged: `error` first, then the exact `error_description`s that are
 * known, without regard to case and outer space. What is not in this table never costs a token.
 */

/**
 * dead: the user must authorize again. admin: the org's administrator must change something, the token may survive.
 * operator: our app's configuration or key is wrong, the token survives. transient: try later. busy: another refresh of
 * the same token is in flight. bug: our request was malformed. unknown: not in the table, acts as transient.
 */
export type FailureClass = 'dead' | 'admin' | 'operator' | 'transient' | 'busy' | 'bug' | 'unknown';

/** Which request the error answers: a few descriptions mean different things on each. */
export type Ask = 'code' | 'refresh' | 'jwt_bearer' | 'client_credentials';

/** Who must act: the user who authorizes, the org's Salesforce administrator, the operator of Grantkeeper, nobody. */
export type Actor = 'user' | 'administrator' | 'operator' | 'nobody';

export interface ErrorRow {
  readonly error: string;
  /** Lower case. Absent: any description that has no row of its own. */
  readonly description?: string;
  /** By request where it differs; what is not named is as for `refresh`. */
  readonly class: FailureClass | (Readonly<Partial<Record<Ask, FailureClass>>> & { readonly refresh: FailureClass });
  readonly meaning: string;
  readonly actor: Actor;
  readonly remedy: string;
}

const wait = 'Nothing is to be done: it is tried again by itself.';
const restart = 'Open a new connect link and authorize again.';
const askUs = 'This is a defect: report it with the log of the attempt.';

export const errorTable: readonly ErrorRow[] = [
  {
    error: 'invalid_grant',
    description: 'expired access/refresh token',
    class: 'dead',
    meaning:
      'The refresh token expired, was revoked, evicted by a newer grant or rotated out; which of them is not said.',
    actor: 'user',
    remedy: restart,
  },
  {
    error: 'invalid_grant',
    description: 'token request is already being processed',
    class: 'busy',
    meaning: 'Another refresh of the same token is in flight, perhaps by a program that shares it.',
    actor: 'nobody',
    remedy: `${wait} If it lasts, look for another program that uses this refresh token.`,
  },
  {
    error: 'invalid_grant',
    description: 'expired authorization code',
    class: { code: 'dead', refresh: 'busy' },
    meaning:
      'The code is older than 15 minutes or was used before; on a refresh it was seen for one that races another.',
    actor: 'user',
    remedy: `${restart} On a refresh nothing is to be done.`,
  },
  {
    error: 'invalid_grant',
    description: 'invalid authorization code',
    class: { code: 'dead', refresh: 'unknown' },
    meaning: 'The code is not one of this app and callback URL.',
    actor: 'user',
    remedy: restart,
  },
  {
    error: 'invalid_grant',
    description: 'invalid code verifier',
    class: 'bug',
    meaning: 'The PKCE verifier does not fit the challenge.',
    actor: 'operator',
    remedy: askUs,
  },
  {
    error: 'invalid_grant',
    description: 'authentication failure',
    class: 'dead',
    meaning: "The user's password was changed, or the user is locked or deactivated.",
    actor: 'user',
    remedy: 'Have the administrator look at the user (Setup, Users), then authorize again.',
  },
  {
    error: 'invalid_grant',
    description: 'inactive user',
    class: 'admin',
    meaning: 'The user is deactivated.',
    actor: 'administrator',
    remedy: 'Activate the user (Setup, Users), or connect another user.',
  },
  {
    error: 'invalid_grant',
    description: 'ip restricted',
    class: 'admin',
    meaning: 'The org takes refreshes only from IP addresses that it lists.',
    actor: 'administrator',
    remedy:
      "Add our egress addresses to the profile's login IP ranges or relax the app's IP policy (Setup, app policies).",
  },
  {
    error: 'invalid_grant',
    description: 'ip restricted or invalid login hours',
    class: 'admin',
    meaning: "The profile's IP ranges or login hours keep the user out.",
    actor: 'administrator',
    remedy: "Look at the profile's login IP ranges and login hours (Setup, Profiles).",
  },
  {
    error: 'invalid_grant',
    description: "user hasn't approved this consumer",
    class: 'admin',
    meaning: 'The user is not pre-authorized for the app.',
    actor: 'administrator',
    remedy:
      "Pre-authorize the user's profile or permission set in the app's policies (Setup, External Client App Manager).",
  },
  {
    error: 'invalid_grant',
    description: 'invalid assertion',
    class: 'operator',
    meaning: 'The JWT does not fit the certificate that Salesforce holds, or a claim is wrong.',
    actor: 'operator',
    remedy: "Compare the signing certificate and consumer key with the app's in Setup.",
  },
  ...['audience is invalid', 'audience validation failed'].map(
    (description): ErrorRow => ({
      error: 'invalid_grant',
      description,
      class: 'operator',
      meaning: "The JWT's audience is not the host that was asked.",
      actor: 'operator',
      remedy: "Set the app's loginUrl to the login, test, My Domain or Experience site host of the org.",
    }),
  ),
  {
    error: 'invalid_grant',
    description: 'no client credentials user enabled',
    class: 'operator',
    meaning: 'The app has no user to run as for client credentials.',
    actor: 'operator',
    remedy: "Enable the client credentials flow and choose a run-as user in the app's policies.",
  },
  {
    error: 'invalid_grant',
    description: 'no valid scopes defined',
    class: 'operator',
    meaning: 'The app has no scope that this flow may give.',
    actor: 'operator',
    remedy: 'Add the scopes to the app in Setup, under OAuth settings.',
  },
  {
    error: 'invalid_grant',
    description: 'request not supported on this domain',
    class: 'operator',
    meaning: 'This flow works on the My Domain host only.',
    actor: 'operator',
    remedy: "Set the app's loginUrl to the org's My Domain.",
  },
  {
    error: 'invalid_app_access',
    class: 'admin',
    meaning: 'The user is not approved by an administrator to use the app.',
    actor: 'administrator',
    remedy: "Give the user's profile or permission set access to the app (Setup, app policies).",
  },
  {
    error: 'invalid_client_id',
    class: 'operator',
    meaning: 'Salesforce does not know the consumer key; also for some minutes after an app was created.',
    actor: 'operator',
    remedy: 'Compare clientId with the consumer key in Setup; for a new app, wait ten minutes.',
  },
  ...['invalid_client', 'invalid_client_credentials'].map(
    (error): ErrorRow => ({
      error,
      class: 'operator',
      meaning: 'The client secret is wrong, or was rotated.',
      actor: 'operator',
      remedy: 'Put the consumer secret into Secrets Manager (the stack names the secret).',
    }),
  ),
  {
    error: 'invalid_request',
    class: 'bug',
    meaning: 'Salesforce calls the request malformed.',
    actor: 'operator',
    remedy: askUs,
  },
  {
    error: 'unsupported_grant_type',
    class: 'operator',
    meaning: 'The app may not use this flow.',
    actor: 'operator',
    remedy: 'Enable the flow for the app in Setup, under OAuth settings.',
  },
  {
    error: 'redirect_uri_mismatch',
    class: 'operator',
    meaning: 'The callback URL is not registered with the app.',
    actor: 'operator',
    remedy: "Register the stack's CallbackUrl with the app in Setup.",
  },
  {
    error: 'inactive_user',
    class: 'admin',
    meaning: 'The user is deactivated.',
    actor: 'administrator',
    remedy: 'Activate the user (Setup, Users), or connect another user.',
  },
  {
    error: 'inactive_org',
    class: 'admin',
    meaning: 'The org is locked, suspended or expired.',
    actor: 'administrator',
    remedy: 'Reactivate the org with Salesforce.',
  },
  {
    error: 'rate_limit_exceeded',
    class: 'transient',
    meaning: 'Too many logins of this user or org in an hour.',
    actor: 'nobody',
    remedy: wait,
  },
  ...['unknown_error', 'server_error', 'service_unavailable', 'system_down'].map(
    (error): ErrorRow => ({
      error,
      class: 'transient',
      meaning: 'Salesforce failed.',
      actor: 'nobody',
      remedy: wait,
    }),
  ),
  ...['app_blocked', 'fail_close_app_blocked'].map(
    (error): ErrorRow => ({
      error,
      class: 'admin',
      meaning: "The org's administrator, or Salesforce, has blocked the app.",
      actor: 'administrator',
      remedy: 'Unblock the app (Setup, Connected Apps OAuth Usage).',
    }),
  ),
  ...['app_not_found', 'invalid_distribution_state', 'installation_error'].map(
    (error): ErrorRow => ({
      error,
      class: 'admin',
      meaning: 'The app is not, or not properly, installed in the org.',
      actor: 'administrator',
      remedy: 'Install the app in the org again (Setup, External Client App Manager).',
    }),
  ),
  ...['oauth_flow_disabled', 'oauth_policy_not_found', 'ecapp_policy_not_found'].map(
    (error): ErrorRow => ({
      error,
      class: 'admin',
      meaning: "The org's policies for the app do not allow this flow.",
      actor: 'administrator',
      remedy: "Look at the app's OAuth policies in the org (Setup, External Client App Manager).",
    }),
  ),
];

/** What stands in for errors that are not in the table. */
export const unknownError: ErrorRow = {
  error: '(any other)',
  class: 'unknown',
  meaning: 'Salesforce has not documented this error, and nobody has reported it. The token is kept.',
  actor: 'nobody',
  remedy: `${wait} If it lasts, look the code up in Salesforce Help.`,
};

/** The row of an error, by the most exact one that fits. */
export function errorRow(error: string, description: string): ErrorRow {
  const wanted = description.trim().toLowerCase();
  const rows = errorTable.filter((row) => row.error === error);
  const exact = rows.find((row) => row.description === wanted);
  return exact ?? rows.find((row) => row.description === undefined) ?? unknownError;
}

export function classify(error: string, description: string, ask: Ask): FailureClass {
  const row = errorRow(error, description);
  const found = typeof row.class === 'string' ? row.class : (row.class[ask] ?? row.class.refresh);
  // Without a browser there is nobody who could authorize again: what ended a user's tokens, an administrator mends.
  return found === 'dead' && (ask === 'jwt_bearer' || ask === 'client_credentials') ? 'admin' : found;
}
