/**
 * Since when a connection fails newly: set in the very write of the first refusal that trying again does not mend (class
 * dead, or admin), and gone with the next answer, the next grant, the disconnect. So it counts to its org's window once,
 * and by nothing but itself (decision 0014).
 *
 * That write owes a `count` duty: to look at the org, which may be failing as a whole.
 */
import type { Connection } from './connection.ts';
import type { CountDuty, Duty } from './duty.ts';
import type { FailureClass } from './error-table.ts';
import { isFailureAlert } from './own-alert.ts';

/** The connection as it is refused, before that changes its status. */
export function withFailure(connection: Connection, failureClass: FailureClass, now: number): Connection {
  return beginsToFail(connection, failureClass) ? failingFrom(connection, now) : connection;
}

/**
 * As it is called dead. Where somebody was told, by an alert or by an incident, that its administrator must act and nobody
 * is to authorize again, that is told no longer: it fails anew, and may be the first of its org to do so.
 */
export function withDeath(connection: Connection, now: number): Connection {
  if (connection.status !== 'admin_action_required') return connection;
  const untold = Object.values(connection.duties).some((duty) => isFailureAlert(duty) && duty.tries === 0);
  return untold ? connection : failingFrom({ ...connection, absorbedBy: undefined }, now);
}

function failingFrom(connection: Connection, now: number): Connection {
  const duty: CountDuty = { kind: 'count', since: now, dueAt: now, tries: 0 };
  return { ...connection, failingSince: now, duties: { ...connection.duties, [countDutyId(now)]: duty } };
}

/** What an earlier release called failing is no news; nor is the same refusal again. */
function beginsToFail({ failingSince, status }: Connection, failureClass: FailureClass): boolean {
  if (failingSince !== undefined || status === 'reauthorization_required') return false;
  return failureClass === 'dead' || (failureClass === 'admin' && status !== 'admin_action_required');
}

/** What is over need not be counted any more. */
export function withoutFailure(connection: Connection): Connection {
  const { failingSince, absorbedBy } = connection;
  if (failingSince === undefined && absorbedBy === undefined && !owesCount(connection.duties)) return connection;
  const duties = Object.entries(connection.duties).filter(([, { kind }]) => kind !== 'count');
  return { ...connection, failingSince: undefined, absorbedBy: undefined, duties: Object.fromEntries(duties) };
}

export function owesCount(duties: Readonly<Record<string, Duty>>): boolean {
  return Object.values(duties).some(({ kind }) => kind === 'count');
}

export function countDutyId(failingSince: number): string {
  return `count.${failingSince}`;
}
