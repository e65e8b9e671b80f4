/**
 * What `GET /health` answers: how many connections there are and how they are, what is overdue, what is open, and what is
 * to be said of each app. Made of what is stored and configured; nothing is asked of Salesforce.
 *
 * snake_case, because it is a contract (`docs/openapi.yaml`).
 */
import type { AlertType, Severity } from './alert.ts';
import type { AppConfig } from './config.ts';
import { type ConnectionStatus, connectionStatuses } from './connection.ts';
import type { ConnectionCounts } from './store-port.ts';

export const healthStatuses = ['ok', 'attention'] as const;

export interface Health {
  /** `attention`: something needs a person. */
  readonly status: (typeof healthStatuses)[number];
  readonly checked_at: string;
  readonly connections: HealthCounts;
  readonly overdue: HealthOverdue;
  /** Open ones first, each part with the newest first. */
  readonly incidents: readonly HealthIncident[];
  readonly apps: readonly HealthApp[];
}

export interface HealthCounts {
  readonly total: number;
  /** False: there are more than were counted. */
  readonly complete: boolean;
  readonly by_status: Readonly<Record<ConnectionStatus, number>>;
}

export interface HealthOverdue {
  /** Refreshes that nobody even tried for a quarter of an hour. */
  readonly count: number;
  readonly complete: boolean;
  readonly oldest_due_at?: string;
}

/** The types that open and end; of alerts that are told once there is none here. */
export type IncidentType = Extract<
  AlertType,
  'invalid_grant_spike' | 'fleet_incident' | 'refresh_backlog' | 'tokens_in_lifeboat' | 'table_restored'
>;

export interface HealthIncident {
  readonly id: string;
  readonly type: IncidentType;
  readonly severity: Severity;
  /** Absent: of the whole deployment. */
  readonly app?: string;
  readonly org_id?: string;
  readonly opened_at: string;
  /** Absent: it is open. */
  readonly resolved_at?: string;
  readonly cause: string;
  readonly summary: string;
  readonly evidence: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly remedy: string;
  /** At most five. */
  readonly connection_ids: readonly string[];
}

export interface HealthApp {
  readonly app: string;
  readonly flow: AppConfig['flow'];
  readonly purpose: AppConfig['purpose'];
  readonly connections: HealthCounts;
  /** The most urgent first. */
  readonly findings: readonly Finding[];
}

/** `action`: a person must act. `warning`: look at it when there is time. `info`: known, and nothing is to be done now. */
export const findingSeverities = ['action', 'warning', 'info'] as const;
export type FindingSeverity = (typeof findingSeverities)[number];

export const findingCodes = [
  'reauthorization_required',
  'admin_action_required',
  'app_refused',
  'client_secret_unset',
  'client_secret_old',
  'client_secret_set',
  'signing_key_missing',
  'signing_certificate_ended',
  'signing_certificate_ending',
  'zero_policy_suspected',
  'grants_near_limit',
  'scopes_missing',
  'claim_off',
  'pkce_sent',
  'rotation_seen',
  'rotation_not_seen',
  'idle_limit_unset',
  'idle_limit_too_long',
  'idle_limit_set',
  'lifetime_limit_set',
  'egress_addresses_unknown',
  'egress_addresses_fixed',
  'session_lengths',
] as const;

export interface Finding {
  readonly code: (typeof findingCodes)[number];
  readonly severity: FindingSeverity;
  readonly summary: string;
  /** What we hold that says so. No secret. */
  readonly evidence: readonly string[];
  /** What to change, and where. */
  readonly remedy: string;
  /** A file of this repository. */
  readonly page?: string;
}

export interface HealthParts extends Pick<Health, 'incidents' | 'apps' | 'overdue' | 'checked_at'> {
  /** As many as this overdue are a backlog: nobody opens its incident while `maintain` does not run either. */
  readonly backlogAtLeast: number;
}

export function healthOf({ backlogAtLeast, ...parts }: HealthParts): Health {
  const { checked_at, overdue, incidents, apps } = parts;
  const needsPerson =
    overdue.count >= backlogAtLeast ||
    incidents.some(incidentNeedsPerson) ||
    apps.some(({ findings }) => findings.some(({ severity }) => severity === 'action'));
  return {
    status: needsPerson ? 'attention' : 'ok',
    checked_at,
    connections: sumOf(apps.map(({ connections }) => connections)),
    overdue,
    incidents,
    apps,
  };
}

/** An outage of Salesforce is waited for: nobody here can do anything about it. */
function incidentNeedsPerson({ severity, resolved_at }: HealthIncident): boolean {
  return severity === 'critical' && resolved_at === undefined;
}

export function presentCounts({ byStatus, complete }: ConnectionCounts): HealthCounts {
  const by_status = countsFrom((status) => byStatus[status]);
  return { total: totalOf(by_status), complete, by_status };
}

function sumOf(all: readonly HealthCounts[]): HealthCounts {
  const by_status = countsFrom((status) => all.reduce((sum, counts) => sum + counts.by_status[status], 0));
  return { total: totalOf(by_status), complete: all.every(({ complete }) => complete), by_status };
}

function countsFrom(countOf: (status: ConnectionStatus) => number): HealthCounts['by_status'] {
  return Object.fromEntries(connectionStatuses.map((status) => [status, countOf(status)])) as HealthCounts['by_status'];
}

function totalOf(byStatus: HealthCounts['by_status']): number {
  return Object.values(byStatus).reduce((sum, count) => sum + count, 0);
}
