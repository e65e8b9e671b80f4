/**
 * Incidents as `GET /health` shows them: what is open, and what ended within a day. Of orgs and fleets they stand in the
 * watches, of the whole deployment in items of their own.
 */
import { alertWords } from './alert-words.ts';
import { composeWatchAlert } from './compose-watch-alert.ts';
import type { Flow } from './connection.ts';
import type { AlertDuty } from './duty.ts';
import type { HealthIncident } from './health.ts';
import type { Incident } from './incident.ts';
import { rfc3339 } from './rfc3339.ts';
import type { ClosedIncident, OpenIncident, Watch } from './watch.ts';

const resolvedShownMs = 24 * 3_600_000;
export const incidentsAtMost = 100;

/** Without those of orgs that an incident of the fleet tells of. */
export function watchIncidents(watches: readonly Watch[], flow: Flow, now: number): readonly HealthIncident[] {
  return watches.flatMap((watch) => {
    const { incident, closed } = watch;
    const lately = closed !== undefined && now - closed.closedAt <= resolvedShownMs ? closed : undefined;
    return [
      ...(incident === undefined || incident.absorbedBy !== undefined ? [] : [shown(watch, incident, false, flow)]),
      ...(lately === undefined || lately.absorbedBy !== undefined ? [] : [shown(watch, lately, true, flow)]),
    ];
  });
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

/** In the words of its alert, so that whoever got that finds it again here. */
function shown(watch: Watch, incident: OpenIncident | ClosedIncident, over: boolean, flow: Flow): HealthIncident {
  const { id, openedAt, cause, connectionIds } = incident;
  const type = watch.kind === 'org' ? 'invalid_grant_spike' : 'fleet_incident';
  const alertId = over ? `${id}.resolved` : id;
  const duty: AlertDuty = { kind: 'alert', alertId, type, cause, since: openedAt, dueAt: openedAt, tries: 0 };
  const { severity, summary, evidence, counts, remedy } = composeWatchAlert(watch, duty, flow);
  return {
    id,
    type,
    severity,
    app: watch.app,
    ...(watch.orgId === undefined ? {} : { org_id: watch.orgId }),
    opened_at: rfc3339(openedAt),
    ...('closedAt' in incident ? { resolved_at: rfc3339(incident.closedAt) } : {}),
    cause,
    summary,
    evidence,
    counts,
    remedy,
    connection_ids: connectionIds,
  };
}
