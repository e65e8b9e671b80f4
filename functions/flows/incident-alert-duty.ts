/** The duty of the write that opened an incident: its alert is published at least once, under a stable id. */
import { composeIncidentAlert } from '../core/compose-incident-alert.ts';
import type { AlertDuty } from '../core/duty.ts';
import type { Incident } from '../core/incident.ts';
import type { AlertPorts } from './alert-duty.ts';
import type { DutyOutcome } from './do-duties.ts';

export function incidentAlertDoer(ports: AlertPorts): (incident: Incident, duty: AlertDuty) => Promise<DutyOutcome> {
  return async (incident, duty) => {
    await ports.alerts.publish(composeIncidentAlert(incident, duty));
    ports.metrics.add('AlertsPublished', 1);
    return 'done';
  };
}
