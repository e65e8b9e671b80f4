/** Alerts as they leave by SNS: a JSON message, and attributes for filter policies. */

/** Of a single connection. */
export type ConnectionAlertType = 'reauthorization_required' | 'admin_action_required' | 'connection_recovered';
/** Of an app: every connection of it is meant. */
export type AppAlertType = 'app_misconfigured' | 'expiry_approaching';
/** Of an organization, or of all that use an app: `core/watch.ts`. */
export type WatchAlertType =
  | 'invalid_grant_spike'
  | 'invalid_grant_spike_resolved'
  | 'fleet_incident'
  | 'fleet_incident_resolved';
/** Of the whole deployment. */
export type IncidentAlertType = 'refresh_backlog' | 'tokens_in_lifeboat' | 'table_restored';

export type AlertType = ConnectionAlertType | AppAlertType | WatchAlertType | IncidentAlertType;
export type Severity = 'critical' | 'warning' | 'info';

/** The published message; snake_case because it is a contract. */
export interface Alert {
  readonly version: 1;
  /** Stable: a subscriber that sees it twice knows it by this. */
  readonly id: string;
  readonly type: AlertType;
  readonly severity: Severity;
  /** Empty: no single app is meant. */
  readonly app: string;
  /** Empty: no single org is meant. */
  readonly org_id: string;
  /** At most five. */
  readonly connection_ids: readonly string[];
  /** RFC 3339. */
  readonly opened_at: string;
  readonly summary: string;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly remedy: string;
  readonly counts: Readonly<Record<string, number>>;
}
