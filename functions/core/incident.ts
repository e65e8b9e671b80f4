/**
 * An incident of the whole deployment: begun when it is first seen, alerted once, resolved silently after it was not
 * seen for a while. An item of its own, so that its alert is a duty of the very write that opens it.
 */
import type { IncidentAlertType } from './alert.ts';
import type { AlertDuty, Duty } from './duty.ts';
import type { Versioned } from './versioned.ts';

export interface Incident extends Versioned {
  /** One item for each type: what comes again is another opening of it. */
  readonly id: IncidentAlertType;
  /** Absent: none is open. */
  readonly openedAt?: number;
  /** Open, and not seen since then. */
  readonly quietSince?: number;
  /** What was found when it opened. */
  readonly finding?: IncidentFinding;
  readonly duties: Readonly<Record<string, Duty>>;
}

export interface IncidentFinding {
  /** For a reader: since when, where, how many. No secret. */
  readonly evidence: readonly string[];
  readonly connectionIds: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** What comes back within this time is the same incident. */
export const quietMs = 15 * 60_000;
const connectionsNamed = 5;

/** `undefined`: nothing to write, which is what it is minute by minute. */
export function decideIncident(
  incident: Incident | undefined,
  id: IncidentAlertType,
  finding: IncidentFinding | undefined,
  now: number,
  alertId: string,
): Incident | undefined {
  if (incident?.openedAt === undefined) {
    return finding === undefined ? undefined : opened(incident, id, finding, now, alertId);
  }
  if (finding !== undefined) {
    return incident.quietSince === undefined ? undefined : { ...incident, quietSince: undefined };
  }
  if (incident.quietSince === undefined) return { ...incident, quietSince: now };
  if (now - incident.quietSince < quietMs) return undefined;
  return { ...incident, openedAt: undefined, quietSince: undefined };
}

function opened(
  incident: Incident | undefined,
  id: IncidentAlertType,
  finding: IncidentFinding,
  now: number,
  alertId: string,
): Incident {
  const before: Incident = incident ?? { version: 1, revision: 0, writeId: '', id, duties: {} };
  const duty: AlertDuty = { kind: 'alert', alertId, type: id, cause: id, since: now, dueAt: now, tries: 0 };
  return {
    ...before,
    openedAt: now,
    finding: { ...finding, connectionIds: finding.connectionIds.slice(0, connectionsNamed) },
    duties: { ...before.duties, [`alert.${alertId}`]: duty },
  };
}
