/** The alert of a session whose refused grant could not be revoked: published at least once, under a stable id. */
import { composeSessionAlert } from '../core/compose-session-alert.ts';
import type { AlertDuty } from '../core/duty.ts';
import type { Session } from '../core/session.ts';
import type { AlertPorts } from './alert-duty.ts';
import type { DutyOutcome } from './do-duties.ts';

export function sessionAlertDoer(ports: AlertPorts): (session: Session, duty: AlertDuty) => Promise<DutyOutcome> {
  return async (session, duty) => {
    await ports.alerts.publish(composeSessionAlert(session, duty));
    ports.metrics.add('AlertsPublished', 1);
    return 'done';
  };
}
