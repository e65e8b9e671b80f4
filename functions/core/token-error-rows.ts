/** The rows of every code but `invalid_grant`. */
import {
  appPolicies,
  appSettings,
  askUs,
  enableAssertions,
  enableClients,
  enableFlow,
  preauthorize,
  wait,
} from './error-remedies.ts';
import type { ErrorRow } from './error-row.ts';

const byFlow = {
  jwt_bearer: { remedy: enableAssertions },
  client_credentials: { remedy: enableClients },
} as const;

const manyLogins = {
  meaning: 'Salesforce takes 3,600 logins of a user in an hour, those of other programs included.',
  remedy: `${wait} If it comes back, lower loginsPerHour of the app, or give the app a user of its own.`,
} as const;

export const tokenErrorRows: readonly ErrorRow[] = [
  {
    error: 'invalid_app_access',
    class: 'admin',
    meaning: 'The user is not approved by an administrator to use the app.',
    actor: 'administrator',
    remedy: preauthorize,
  },
  {
    error: 'invalid_client_id',
    class: 'operator',
    meaning: 'Salesforce does not know the consumer key; also for some minutes after an app was created.',
    actor: 'operator',
    remedy: `Compare clientId with ${appSettings} > Consumer Key and Secret; for a new app, wait ten minutes.`,
  },
  ...['invalid_client', 'invalid_client_credentials'].map(
    (error): ErrorRow => ({
      error,
      class: 'operator',
      meaning: 'The client secret is wrong, or was rotated.',
      actor: 'operator',
      remedy: `Put the consumer secret (${appSettings} > Consumer Key and Secret) into Secrets Manager; the stack names the secret.`,
      words: {
        jwt_bearer: {
          meaning:
            'Salesforce does not know who asks: an assertion names the consumer key, and no secret goes with it.',
          remedy: `Compare clientId with ${appSettings} > Consumer Key and Secret.`,
        },
      },
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
    remedy: enableFlow,
    words: byFlow,
  },
  {
    error: 'redirect_uri_mismatch',
    class: 'operator',
    meaning: 'The callback URL is not registered with the app.',
    actor: 'operator',
    remedy: `Register the stack's CallbackUrl with the app: ${appSettings} > Callback URL.`,
  },
  {
    error: 'inactive_user',
    class: 'admin',
    meaning: 'The user is deactivated.',
    actor: 'administrator',
    remedy: 'Activate the user (Setup > Users), or connect another user.',
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
    words: { jwt_bearer: manyLogins, client_credentials: manyLogins },
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
      remedy: 'Unblock the app: Setup > Connected Apps OAuth Usage.',
    }),
  ),
  ...['app_not_found', 'invalid_distribution_state', 'installation_error'].map(
    (error): ErrorRow => ({
      error,
      class: 'admin',
      meaning: 'The app is not, or not properly, installed in the org.',
      actor: 'administrator',
      remedy: 'Install the app in the org again: Setup > External Client App Manager.',
    }),
  ),
  ...['oauth_flow_disabled', 'oauth_policy_not_found', 'ecapp_policy_not_found'].map(
    (error): ErrorRow => ({
      error,
      class: 'admin',
      meaning: "The org's policies for the app do not allow this flow.",
      actor: 'administrator',
      remedy: `Look at the app's policies in the org: ${appPolicies}.`,
      ...(error === 'oauth_flow_disabled' && { words: byFlow }),
    }),
  ),
];
