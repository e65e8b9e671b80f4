/**
 * Which page of `docs/runbooks` says, command by command, what to do about an alert. Alarms and the dashboard name pages
 * of the same list (`lib/`).
 */
import type { Alert, AlertType } from './alert.ts';
import type { ExpiryCause } from './alert-words.ts';
import { outageCause } from './watch-remedies.ts';

export type Runbook =
  | 'alerts-not-delivered'
  | 'backlog'
  | 'connection-dies'
  | 'fleet-dies'
  | 'function-fails'
  | 'leaked-secret'
  | 'lifeboat-not-empty'
  | 'lost-region'
  | 'org-dies'
  | 'restore'
  | 'rotate-client-secret'
  | 'rotate-signing-key'
  | 'salesforce-down';

const ofType: Readonly<Record<AlertType, Runbook>> = {
  reauthorization_required: 'connection-dies',
  admin_action_required: 'connection-dies',
  connection_recovered: 'connection-dies',
  app_misconfigured: 'fleet-dies',
  expiry_approaching: 'connection-dies',
  invalid_grant_spike: 'org-dies',
  invalid_grant_spike_resolved: 'org-dies',
  fleet_incident: 'fleet-dies',
  fleet_incident_resolved: 'fleet-dies',
  refresh_backlog: 'backlog',
  tokens_in_lifeboat: 'lifeboat-not-empty',
  table_restored: 'restore',
};

/** Where the cause is another matter than its type has in general. */
const ofCause: Readonly<Partial<Record<ExpiryCause | typeof outageCause, Runbook>>> = {
  signing_certificate_ends: 'rotate-signing-key',
  client_secret_old: 'rotate-client-secret',
  [outageCause]: 'salesforce-down',
};

export function runbookOf({ type, cause }: Pick<Alert, 'type' | 'cause'>): string {
  const known: Readonly<Record<string, Runbook | undefined>> = ofCause;
  return runbookPage((Object.hasOwn(known, cause) ? known[cause] : undefined) ?? ofType[type]);
}

export function runbookPage(runbook: Runbook): string {
  return `docs/runbooks/${runbook}.md`;
}

/** As it leaves: the remedy ends with the page that has it step by step. */
export function withRunbook(alert: Alert): Alert {
  const page = runbookOf(alert);
  return alert.remedy.includes(page) ? alert : { ...alert, remedy: `${alert.remedy} Runbook: ${page}` };
}
