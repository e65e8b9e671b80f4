/**
 * The duty of the write that owes a connection's alert: it is published at least once, under a stable id. That it fails is
 * told with its cause, or not at all where an incident of its org, or of all orgs, tells it.
 */
import { composeAlert } from '../core/compose-alert.ts';
import type { Connection } from '../core/connection.ts';
import type { AlertDuty } from '../core/duty.ts';
import { isFailureAlert } from '../core/own-alert.ts';
import type { DutyOutcome } from './do-duties.ts';
import { warnOfExpiry } from './expiry-alert-duty.ts';
import type { JudgePorts } from './judge-org.ts';
import { tellFailure } from './tell-failure.ts';
import { tellRecovery } from './tell-recovery.ts';

export type AlertPorts = JudgePorts;

export function alertDoer(ports: AlertPorts): (connection: Connection, duty: AlertDuty) => Promise<DutyOutcome> {
  return async (connection, duty) => {
    if (duty.type === 'expiry_approaching') return warnOfExpiry(ports, connection, duty);
    if (isFailureAlert(duty)) return tellFailure(ports, connection, duty);
    if (duty.absorbedBy !== undefined) return tellRecovery(ports, connection, duty, duty.absorbedBy);
    await ports.alerts.publish(composeAlert(connection, duty));
    ports.metrics.add('AlertsPublished', 1);
    return 'done';
  };
}
