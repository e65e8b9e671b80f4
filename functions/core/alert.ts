/** Alerts as they leave by SNS: a JSON message, and attributes for filter policies. */

export type AlertType = 'reauthorization_required' | 'admin_action_required' | 'connection_recovered';
export type Severity = 'critical' | 'warning' | 'info';

/** The published message; snake_case because it is a contract. */
export interface Alert {
  readonly version: 1;
  /** Stable: a subscriber that sees it twice knows it by this. */
  readonly id: string;
  readonly type: AlertType;
  readonly severity: Severity;
  readonly app: string;
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
