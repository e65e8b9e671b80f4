/**
 * Incidents as `GET /health` shows them: what is open, and what ended within a day. Of orgs and fleets they stand in the
 * watches, of the whole deployment in items of their own.
 */
import { alertWords } from './alert-words.ts';
import type { HealthIncident } from './health.ts';
import type { Incident } from './incident.ts';
import { rfc3339 } from './rfc3339.ts';
import type { ClosedIncident, OpenIncident, Watch } from './watch.ts';

export const resolvedShownMs = 24 * 3_600_000;
export const incidentsAtMost = 100;

export function watchIncidents(watches: readonly Watch[], now: number): readonly HealthIncident[] {
  return watches.flatMap((watch) => [
    ...(watch.incident === undefined ? [] : [openOf(watch, watch.incident)]),
    ...(watch.closed !== undefined && now - watch.closed.closedAt <= resolvedShownMs
      ? [closedOf(watch, watch.closed)]
      : []),
  ]);
}

/** Open ones first, the newest first; what is beyond the limit is left out. */
export function ordered(incidents: readonly HealthIncident[]): readonly HealthIncident[] {
  const isOver = ({ resolved_at }: HealthIncident) => Number(resolved_at !== undefined);
  return incidents
    .toSorted((a, b) => isOver(a) - isOver(b) || (a.opened_at < b.opened_at ? 1 : -1))
    .slice(0, incidentsAtMost);
}

/** `undefined`: none is open. When one ended is not kept. */
export function deploymentIncident({ id, openedAt, quietSince, finding }: Incident): HealthIncident | undefined {
  if (openedAt === undefined) return undefined;
  const { severity, summary, remedy } = alertWords[id];
  const quiet = quietSince === undefined ? [] : [`Not seen since ${rfc3339(quietSince)}.`];
  return {
    id: `${id}.${openedAt}`,
    type: id,
    severity,
    opened_at: rfc3339(openedAt),
    cause: id,
    summary,
    evidence: [...(finding?.evidence ?? []), ...quiet],
    counts: finding?.counts ?? {},
    remedy,
    connection_ids: finding?.connectionIds ?? [],
  };
}

/** An outage costs no token, and ends by itself. */
const outage = {
  severity: 'warning',
  summary: 'Salesforce does not answer for many orgs at once, or puts them off.',
  remedy:
    'Wait; https://status.salesforce.com may say more. No token is lost, and nothing is to be authorized again: everything is tried again by itself.',
} as const;

function wordsOf({ kind }: Watch): Pick<HealthIncident, 'severity' | 'summary' | 'remedy'> {
  if (kind === 'fleet_outage') return outage;
  const { severity, summary, remedy } = alertWords[typeOf(kind)];
  return { severity, summary, remedy };
}

function typeOf(kind: Watch['kind']): 'invalid_grant_spike' | 'fleet_incident' {
  return kind === 'org' ? 'invalid_grant_spike' : 'fleet_incident';
}

function placeOf({ kind, app, orgId }: Watch) {
  return { type: typeOf(kind), app, ...(orgId === undefined ? {} : { org_id: orgId }) };
}

function openOf(watch: Watch, incident: OpenIncident): HealthIncident {
  const { id, openedAt, cause, evidence, connectionIds, failed, tally, size } = incident;
  return {
    id,
    ...placeOf(watch),
    ...wordsOf(watch),
    opened_at: rfc3339(openedAt),
    cause,
    evidence,
    counts: { failed, tried: tally.tried, size },
    connection_ids: connectionIds,
  };
}

function closedOf(watch: Watch, incident: ClosedIncident): HealthIncident {
  const { id, openedAt, closedAt, cause, evidence, connectionIds, failed, left } = incident;
  const { summary, remedy } =
    alertWords[watch.kind === 'org' ? 'invalid_grant_spike_resolved' : 'fleet_incident_resolved'];
  return {
    id,
    ...placeOf(watch),
    severity: left > 0 ? 'warning' : 'info',
    opened_at: rfc3339(openedAt),
    resolved_at: rfc3339(closedAt),
    cause,
    summary,
    evidence,
    counts: { failed, left },
    remedy: left > 0 ? remedy : 'Nothing is to be done.',
    connection_ids: connectionIds,
  };
}
