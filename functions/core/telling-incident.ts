/**
 * Which incident tells of a connection's failure, so that no alert of its own does: one that is open, or ended meanwhile, and
 * counted it. That of all orgs comes first, for it has taken over those of single orgs.
 */
import type { Connection } from './connection.ts';
import type { ClosedIncident, OpenIncident, Watch } from './watch.ts';

/** @returns the id of the incident that somebody is alerted to */
export function tellingIncident(
  { failingSince }: Pick<Connection, 'failingSince'>,
  org: Watch | undefined,
  fleet: Watch | undefined,
  windowMs: number,
): string | undefined {
  if (failingSince === undefined) return undefined;
  for (const watch of [fleet, org]) {
    const { incident, closed } = watch ?? {};
    if (incident !== undefined && isCounted(failingSince, incident, windowMs))
      return incident.absorbedBy ?? incident.id;
    if (closed !== undefined && isCounted(failingSince, closed, windowMs)) return closed.absorbedBy ?? closed.id;
  }
  return undefined;
}

function isCounted(failingSince: number, incident: OpenIncident | ClosedIncident, windowMs: number): boolean {
  // Written when it ended, a failure of the seconds before was not seen by it.
  const until = 'closedAt' in incident ? incident.lastFailureAt : Number.POSITIVE_INFINITY;
  return failingSince >= incident.openedAt - windowMs && failingSince <= until;
}
