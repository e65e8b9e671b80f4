/**
 * Which alerts belong together: those of an incident (its opening, escalations, end, and what it absorbed), and those of
 * a single connection. The ids of an incident's later alerts begin with that of its first (`core/watch.ts`).
 */
import type { Alert } from '../core/alert.ts';

const later = /\.(?:x\d+|resolved|recovered(?:\.[^.]+)?)$/;

export function alertThreadOf({ id, type, connection_ids: ids }: Alert): string {
  const [only, ...others] = ids;
  const incident = id.replace(later, '');
  if (incident !== id || type.startsWith('invalid_grant_spike') || type.startsWith('fleet_incident')) return incident;
  // A connection that recovers answers the alert of its failure, whose id is another.
  return only !== undefined && others.length === 0 ? only : incident;
}
