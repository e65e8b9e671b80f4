/** The duty of a verdict's write: its alert is published at least once, under a stable id. */
import { composeAlert } from '../core/compose-alert.ts';
import type { Connection } from '../core/connection.ts';
import type { AlertDuty } from '../core/duty.ts';
import type { Ports } from '../core/ports.ts';
import type { DutyOutcome } from './do-duties.ts';
import { warnOfExpiry } from './expiry-alert-duty.ts';

export type AlertPorts = Pick<Ports, 'alerts' | 'metrics'>;

export function alertDoer(ports: AlertPorts): (connection: Connection, duty: AlertDuty) => Promise<DutyOutcome> {
  return async (connection, duty) => {
    if (duty.type === 'expiry_approaching') return warnOfExpiry(ports, connection, duty);
    await ports.alerts.publish(composeAlert(connection, duty));
    ports.metrics.add('AlertsPublished', 1);
    return 'done';
  };
}
