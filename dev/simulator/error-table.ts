/**
 * Every error that Salesforce's token endpoint is known to answer (salesforce-oauth.md, section 4), for the switch
 * `nextErrors`: tests walk the table, the console offers it as a list.
 */

export interface TokenError {
  error: string;
  error_description: string;
}

export const tokenErrors: readonly TokenError[] = [
  ...rows('invalid_grant', [
    'expired access/refresh token',
    'token request is already being processed',
    'expired authorization code',
    'invalid authorization code',
    'invalid code verifier',
    'authentication failure',
    'inactive user',
    'ip restricted',
    'ip restricted or invalid login hours',
    "user hasn't approved this consumer",
    'invalid assertion',
    'audience is invalid',
    'Audience validation failed',
    'no client credentials user enabled',
    'no valid scopes defined',
    'request not supported on this domain',
  ]),
  ...rows('invalid_app_access', ['user is not admin approved to access this app']),
  ...rows('invalid_client_id', ['client identifier invalid']),
  ...rows('invalid_client', ['invalid client credentials']),
  ...rows('invalid_client_credentials', ['invalid client credentials']),
  ...rows('invalid_request', ['scope parameter not supported', 'must use HTTP POST']),
  ...rows('unsupported_grant_type', ['grant type not supported']),
  ...rows('redirect_uri_mismatch', ['redirect_uri must match configuration']),
  ...rows('inactive_user', ['user is inactive']),
  ...rows('inactive_org', ['organization is inactive']),
  ...rows('rate_limit_exceeded', ['login rate exceeded', 'Number of logins exceeded']),
  ...rows('unknown_error', ['retry your request']),
  ...rows('server_error', ['server error']),
  ...rows('service_unavailable', ['service unavailable']),
  ...rows('system_down', ['system down']),
  ...[
    'app_blocked',
    'fail_close_app_blocked',
    'app_not_found',
    'oauth_flow_disabled',
    'oauth_policy_not_found',
    'ecapp_policy_not_found',
    'invalid_distribution_state',
    'installation_error',
  ].flatMap((error) => rows(error, [error.replaceAll('_', ' ')])),
];

/** What the authorization endpoint says beside an `error` in its redirect (section 2). */
export const callbackErrorDescriptions: Readonly<Record<string, string>> = {
  access_denied: 'end-user denied authorization',
  OAUTH_APP_BLOCKED: 'this app is blocked by admin',
  OAUTH_APP_ACCESS_DENIED: 'user is not admin approved to access this app',
  OAUTH_EC_APP_NOT_FOUND: 'external client app is not installed in this org',
  OAUTH_AUTHORIZATION_BLOCKED: 'authorization blocked',
  invalid_request: 'missing required code challenge',
  immediate_unsuccessful: 'immediate unsuccessful',
  invalid_scope: 'the requested scope is not allowed',
  inactive_user: 'user is inactive',
  inactive_org: 'organization is inactive',
  rate_limit_exceeded: 'login rate exceeded',
};

function rows(error: string, descriptions: string[]): TokenError[] {
  return descriptions.map((error_description) => ({ error, error_description }));
}
