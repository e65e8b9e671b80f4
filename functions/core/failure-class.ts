/**
 * What an error of the token endpoint means for a token, judged by `error` and then by the exact `error_description`s
 * that are known (facts §4). A code or description that is not in this table never costs a token.
 *
 * dead: the user must authorize again; admin: the org's administrator must change something, the token may survive;
 * operator: our app's configuration is wrong; transient: try later; busy: another refresh of the same token is in
 * flight; bug: our request was malformed; unknown: not in the table, acts as transient.
 */

export type FailureClass = 'dead' | 'admin' | 'operator' | 'transient' | 'busy' | 'bug' | 'unknown';

/** Which request the error answers: a few descriptions mean different things on each. */
export type Ask = 'code' | 'refresh';

interface Row {
  readonly error: string;
  /** Absent: any description that has no row of its own. */
  readonly description?: string;
  readonly class: FailureClass | Readonly<Record<Ask, FailureClass>>;
}

const invalidGrant = (description: string, failureClass: Row['class']): Row => ({
  error: 'invalid_grant',
  description,
  class: failureClass,
});

const any = (failureClass: FailureClass, ...errors: string[]): Row[] =>
  errors.map((error) => ({ error, class: failureClass }));

export const failureTable: readonly Row[] = [
  invalidGrant('expired access/refresh token', 'dead'),
  invalidGrant('token request is already being processed', 'busy'),
  invalidGrant('expired authorization code', { code: 'dead', refresh: 'busy' }),
  invalidGrant('invalid authorization code', { code: 'dead', refresh: 'unknown' }),
  invalidGrant('invalid code verifier', 'bug'),
  invalidGrant('authentication failure', 'dead'),
  invalidGrant('inactive user', 'admin'),
  invalidGrant('ip restricted', 'admin'),
  invalidGrant('ip restricted or invalid login hours', 'admin'),
  invalidGrant("user hasn't approved this consumer", 'admin'),
  invalidGrant('invalid assertion', 'operator'),
  invalidGrant('audience is invalid', 'operator'),
  invalidGrant('audience validation failed', 'operator'),
  invalidGrant('no client credentials user enabled', 'operator'),
  invalidGrant('no valid scopes defined', 'operator'),
  invalidGrant('request not supported on this domain', 'operator'),
  ...any('admin', 'invalid_app_access', 'inactive_user', 'inactive_org'),
  ...any('admin', 'app_blocked', 'fail_close_app_blocked', 'app_not_found', 'oauth_flow_disabled'),
  ...any('admin', 'oauth_policy_not_found', 'ecapp_policy_not_found', 'invalid_distribution_state'),
  ...any('admin', 'installation_error'),
  ...any('operator', 'invalid_client_id', 'invalid_client', 'invalid_client_credentials'),
  ...any('operator', 'unsupported_grant_type', 'redirect_uri_mismatch'),
  ...any('bug', 'invalid_request'),
  ...any('transient', 'rate_limit_exceeded', 'unknown_error', 'server_error', 'service_unavailable', 'system_down'),
];

/** The class of an error, by the most exact row that fits. */
export function classify(error: string, description: string, ask: Ask): FailureClass {
  const wanted = description.trim().toLowerCase();
  const rows = failureTable.filter((row) => row.error === error);
  const row = rows.find((one) => one.description === wanted) ?? rows.find((one) => one.description === undefined);
  if (row === undefined) return 'unknown';
  return typeof row.class === 'string' ? row.class : row.class[ask];
}
