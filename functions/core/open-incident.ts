/**
 * An incident of an org or of a fleet, from its opening to its end: opened once, told again when it doubles, closed when
 * nothing new failed for a while. Each step is one conditional write of the watch, with its alert as a duty in it.
 *
 * Who fails is not known here: callers count, and say what they saw.
 */
import type { WatchAlertType } from './alert.ts';
import type { AlertDuty, Duty } from './duty.ts';
import type { Tally } from './grant.ts';
import { alertDutyId } from './own-alert.ts';
import { isOf, type OpenIncident, type Watch } from './watch.ts';

/** What was counted, of connections or of orgs. */
export interface Sighting {
  readonly tally: Tally;
  readonly size: number;
  /** In the end. */
  readonly expected: number;
  /** Since the window before the opening, as far as that is known now. */
  readonly failed: number;
  /** Of those, how many still fail. */
  readonly left: number;
  /** The newest failure that belongs to it; absent: none does. */
  readonly lastFailureAt?: number;
  readonly cause: string;
  readonly connectionIds: readonly string[];
  readonly evidence: readonly string[];
}

export interface IncidentTypes {
  readonly opened: WatchAlertType;
  readonly resolved: WatchAlertType;
}

export type IncidentStep = 'opened' | 'escalated' | 'resolved' | 'seen';

const connectionsNamed = 5;

/** @param absorbedBy the incident that tells of it: it is on record, and nobody is alerted */
export function openIncident(
  watch: Watch,
  seen: Sighting,
  types: IncidentTypes,
  now: number,
  id: string,
  absorbedBy?: string,
): Watch {
  const incident: OpenIncident = {
    id,
    openedAt: now,
    cause: seen.cause,
    tally: tallyOf(seen),
    failed: Math.max(seen.failed, seen.tally.failed),
    told: Math.max(seen.expected, seen.failed),
    escalations: 0,
    ...(absorbedBy === undefined ? {} : { absorbedBy }),
    lastFailureAt: seen.lastFailureAt ?? now,
    size: seen.size,
    connectionIds: seen.connectionIds.slice(0, connectionsNamed),
    evidence: seen.evidence,
  };
  const opened = { ...watch, incident, activeAt: now };
  return absorbedBy === undefined ? withAlert(opened, types.opened, id, incident.cause, now) : opened;
}

/**
 * @param over whether it may end, once nothing failed for so long
 * @returns the very watch that was given where there is nothing to write
 */
export function followIncident(
  watch: Watch,
  incident: OpenIncident,
  seen: Sighting,
  types: IncidentTypes,
  now: number,
  over: (lastFailureAt: number) => boolean,
): { readonly step: IncidentStep; readonly after: Watch } {
  const lastFailureAt = Math.max(incident.lastFailureAt, seen.lastFailureAt ?? 0);
  const failed = Math.max(incident.failed, seen.failed);
  if (over(lastFailureAt))
    return { step: 'resolved', after: resolved(watch, { ...incident, failed, lastFailureAt }, seen, types, now) };
  // Where nothing fails in the window any more, what it showed last says more.
  const told = seen.tally.failed === 0 ? {} : toldOf(seen);
  const current: OpenIncident = { ...incident, ...told, failed, lastFailureAt };
  if (failed >= 2 * incident.told) return { step: 'escalated', after: escalated(watch, current, seen, types, now) };
  if (JSON.stringify(current) === JSON.stringify(incident)) return { step: 'seen', after: watch };
  return { step: 'seen', after: { ...watch, incident: current } };
}

function toldOf(seen: Sighting): Partial<OpenIncident> {
  const { size, evidence } = seen;
  return { tally: tallyOf(seen), size, evidence, connectionIds: seen.connectionIds.slice(0, connectionsNamed) };
}

function tallyOf({ tally: { failed, tried } }: Sighting): Tally {
  return { failed, tried };
}

function escalated(watch: Watch, incident: OpenIncident, seen: Sighting, types: IncidentTypes, now: number): Watch {
  const told = Math.max(incident.failed, seen.expected);
  // What nobody was told of yet is told with the new numbers.
  if (incident.absorbedBy !== undefined || isUntold(watch, incident)) {
    return { ...watch, activeAt: now, incident: { ...incident, told } };
  }
  const escalations = incident.escalations + 1;
  const after = { ...watch, activeAt: now, incident: { ...incident, told, escalations } };
  return withAlert(after, types.opened, `${incident.id}.x${2 ** escalations}`, incident.cause, now);
}

function isUntold({ duties }: Watch, incident: OpenIncident): boolean {
  return Object.values(duties).some(
    (duty) => duty.kind === 'alert' && duty.tries === 0 && isOf(duty.alertId, incident),
  );
}

function resolved(watch: Watch, incident: OpenIncident, seen: Sighting, types: IncidentTypes, now: number): Watch {
  const { id, cause, openedAt, lastFailureAt, failed, evidence, absorbedBy } = incident;
  const { left } = seen;
  const connectionIds = left === 0 ? incident.connectionIds : seen.connectionIds.slice(0, connectionsNamed);
  const absorbed = absorbedBy === undefined ? {} : { absorbedBy };
  const times = { openedAt, closedAt: now, lastFailureAt };
  const closed = { id, cause, ...times, ...absorbed, failed, left, connectionIds, evidence };
  const after: Watch = { ...watch, incident: undefined, closed, activeAt: now };
  return absorbedBy === undefined ? withAlert(after, types.resolved, `${id}.resolved`, cause, now) : after;
}

function withAlert(watch: Watch, type: AlertDuty['type'], alertId: string, cause: string, now: number): Watch {
  const duty: Duty = { kind: 'alert', alertId, type, cause, since: now, dueAt: now, tries: 0 };
  return { ...watch, duties: { ...watch.duties, [alertDutyId(alertId)]: duty } };
}
