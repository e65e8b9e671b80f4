/** What each type of alert says to the person who reads it: how bad it is, what happened, what to do. */
import type { AlertType, Severity } from './alert.ts';
import { appSettings } from './error-remedies.ts';

export interface AlertWords {
  readonly severity: Severity;
  readonly summary: string;
  readonly remedy: string;
}

export const alertWords: Readonly<Record<AlertType, AlertWords>> = {
  reauthorization_required: {
    severity: 'critical',
    summary: 'Salesforce refuses the refresh token for good; the integration stops when the access token ends.',
    remedy: 'Ask the user to authorize again: POST /connect-sessions with reauthorize, and send them the link.',
  },
  admin_action_required: {
    severity: 'warning',
    summary:
      'Its org keeps the app or the user out; the integration stops when the access token ends. The connection is kept and tried again.',
    remedy:
      "Ask the org's Salesforce administrator to look at the app's policies and the user; nothing is to be authorized again.",
  },
  connection_recovered: {
    severity: 'info',
    summary: 'The connection works again.',
    remedy: 'Nothing is to be done.',
  },
  app_misconfigured: {
    severity: 'critical',
    summary: 'Salesforce refuses the app itself; none of its connections is refreshed until that is set right.',
    remedy: "Compare the app's configuration and client secret with its settings in Salesforce Setup.",
  },
  expiry_approaching: {
    severity: 'warning',
    summary: 'Something ends soon that its connections need.',
    remedy: 'Renew what the cause names before it ends.',
  },
  invalid_grant_spike: {
    severity: 'critical',
    summary: "Salesforce refuses many of the org's connections at once.",
    remedy:
      "Ask the org's Salesforce administrator what was changed before anybody authorizes again: the app blocked or its tokens revoked, users deactivated, login policies.",
  },
  invalid_grant_spike_resolved: {
    severity: 'info',
    summary: 'No more connections of the org fail.',
    remedy: 'Nothing is to be done for those that work; the others still want what their status says.',
  },
  fleet_incident: {
    severity: 'critical',
    summary: 'Connections of many orgs fail at once.',
    remedy:
      'Look at what all of them share, before any customer is asked to authorize again: the app in Salesforce Setup, its client secret, its policies; and https://status.salesforce.com.',
  },
  fleet_incident_resolved: {
    severity: 'info',
    summary: 'No more orgs fail.',
    remedy: 'Nothing is to be done for those that work; the others still want what their status says.',
  },
  refresh_backlog: {
    severity: 'critical',
    summary: 'Refreshes are long overdue; integrations stop as their access tokens end.',
    remedy:
      'Look at the functions schedule-refreshes and refresh: their errors, their throttles and concurrency, and the refresh queue with its dead letters. What is overdue is caught up by itself once they run.',
  },
  tokens_in_lifeboat: {
    severity: 'critical',
    summary: 'The table refused answers of Salesforce; their tokens lie in the lifeboat bucket.',
    remedy:
      'Look at the DynamoDB table: throttles, its key, its permissions. Leave the bucket alone: maintain brings the tokens back once the table takes writes.',
  },
  table_restored: {
    severity: 'critical',
    summary:
      'The table is a copy of another at an older moment, or gave its place to one; nothing is refreshed or revoked with what it holds.',
    remedy:
      'If it is a copy that is to replace the other: npx grantkeeper adopt-restore --table NAME; docs/runbooks/restore.md has it step by step. If the other is in use, leave it so: this copy would end its grants.',
  },
};

/** A grant that we no longer want lives on at Salesforce: the cause says more than the type. */
export const revocationGivenUpWords: AlertWords = {
  severity: 'warning',
  summary:
    'A grant that is not in use could not be revoked at Salesforce for seven days; it was given up, and may still live there and count to the limit of five.',
  remedy:
    "Ask the org's Salesforce administrator to end it: Setup, OAuth Usage (or the user's OAuth Connected Apps), revoke the entries of this app that are not in use.",
};

/** No setting keeps it out: it is not whom we connected any more, and nobody gets its tokens. */
export const identityChangedWords: AlertWords = {
  severity: 'critical',
  summary:
    'Salesforce answered its refresh for another org or user; its access tokens are not served, and the integration stops.',
  remedy: alertWords.admin_action_required.remedy,
};

/** What ends soon, by the cause of the alert: each is renewed by somebody else, in another place. */
export type ExpiryCause =
  | 'signing_certificate_ends'
  | 'client_secret_old'
  | 'refresh_token_idle_limit'
  | 'refresh_token_lifetime_limit';

export const expiryWords: Readonly<Record<ExpiryCause, AlertWords>> = {
  signing_certificate_ends: {
    severity: 'warning',
    summary: 'A certificate that its assertions are signed under ends soon; Salesforce may refuse them from then on.',
    remedy:
      'Write a new certificate with npx grantkeeper signing-key APP and upload it: Setup > External Client App Manager > the app > Settings > OAuth Settings > Enable JWT Bearer Flow. docs/runbooks/rotate-signing-key.md has it step by step.',
  },
  client_secret_old: {
    severity: 'warning',
    summary: 'The client secret was not changed for long; it goes on working, but it is time for a new one.',
    remedy: `Of an external client app: stage a new secret (${appSettings} > Consumer Key and Secret), put it into Secrets Manager with aws secretsmanager put-secret-value, and only then end the old one. Of a connected app, applying a staged secret is reported to revoke all tokens: ask Salesforce before.`,
  },
  refresh_token_idle_limit: {
    severity: 'warning',
    summary: 'Its refreshes fail, and Salesforce ends a refresh token that is not used for long.',
    remedy: 'Nothing is to be authorized yet: one refresh that succeeds before that is enough.',
  },
  refresh_token_lifetime_limit: {
    severity: 'warning',
    summary: 'Salesforce ends the refresh token so long after its authorization, however much it is used.',
    remedy:
      'Ask the user to authorize again before that: POST /connect-sessions with reauthorize, and send them the link. What runs now runs on meanwhile.',
  },
};
