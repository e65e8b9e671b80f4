/**
 * The alerts of a single connection as duties. That it fails waits two minutes, for an incident of its org or of all orgs
 * may tell it better; what is mended before anybody was told is told to nobody.
 */
import type { Connection } from './connection.ts';
import type { AlertDuty, Duty } from './duty.ts';
import { revocationGivenUp } from './revocation.ts';

/** How long the alert of a connection waits for an incident to absorb it. */
const alertWaitMs = 2 * 60_000;

export interface OwnAlert {
  readonly type: 'reauthorization_required' | 'admin_action_required';
  readonly cause: string;
  readonly alertId: string;
}

/**
 * @param after the failure: it takes the place of one that nobody was told of yet
 * @param waitMs 0 where no incident can be meant. @default two minutes
 */
export function withFailureAlert(
  before: Connection,
  after: Connection,
  { type, cause, alertId }: OwnAlert,
  now: number,
  waitMs: number = alertWaitMs,
): Connection {
  const owed = { since: now, dueAt: now + waitMs, tries: 0 };
  const follows = wasTold(before) ? { followsTold: true } : {};
  const duty: AlertDuty = { kind: 'alert', type, cause, alertId, ...follows, ...owed };
  return { ...after, duties: { ...withoutFailureAlerts(after.duties), [alertDutyId(alertId)]: duty } };
}

/**
 * Whoever was told that the connection fails is told that it works again.
 *
 * @param by a retry, where the incident that told of its failure tells of its end too; or a new grant, which somebody waits
 * to hear of
 */
export function withRecovery(
  before: Connection,
  after: Connection,
  alertId: string,
  now: number,
  by: 'retry' | 'grant' = 'retry',
): Connection {
  if (!isKnownToFail(before)) return after;
  const quiet: Connection = { ...after, duties: withoutFailureAlerts(after.duties) };
  if (before.absorbedBy === undefined && !wasTold(before)) return quiet;
  const absorbed = by === 'grant' || before.absorbedBy === undefined ? {} : { absorbedBy: before.absorbedBy };
  const duty: AlertDuty = {
    kind: 'alert',
    type: 'connection_recovered',
    cause: before.cause ?? before.status,
    alertId,
    ...absorbed,
    since: now,
    dueAt: now,
    tries: 0,
  };
  return { ...quiet, duties: { ...quiet.duties, [alertDutyId(alertId)]: duty } };
}

/** Was, or may have been, by an alert of its own: one that nobody has tried to publish yet told nobody. */
function wasTold(connection: Connection): boolean {
  if (!isKnownToFail(connection) || connection.absorbedBy !== undefined) return false;
  const open = Object.values(connection.duties).filter(isFailureAlert);
  return (
    open.length === 0 || open.some((duty) => duty.tries > 0 || (duty.kind === 'alert' && duty.followsTold === true))
  );
}

function isKnownToFail({ status }: Connection): boolean {
  return status === 'admin_action_required' || status === 'reauthorization_required';
}

function withoutFailureAlerts(duties: Readonly<Record<string, Duty>>): Readonly<Record<string, Duty>> {
  return Object.fromEntries(Object.entries(duties).filter(([, duty]) => !isFailureAlert(duty)));
}

/** That a revocation was given up is another matter, and stays so whatever becomes of the connection. */
export function isFailureAlert(duty: Duty): boolean {
  if (duty.kind !== 'alert' || duty.cause === revocationGivenUp) return false;
  return duty.type === 'reauthorization_required' || duty.type === 'admin_action_required';
}

export function alertDutyId(alertId: string): string {
  return `alert.${alertId}`;
}
