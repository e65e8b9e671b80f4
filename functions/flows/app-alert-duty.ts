/** The duty of the write that opened an app's circuit: its alert is published at least once, under a stable id. */
import type { AppState } from '../core/circuit.ts';
import { composeAppAlert } from '../core/compose-app-alert.ts';
import type { AlertDuty } from '../core/duty.ts';
import type { AlertPorts } from './alert-duty.ts';
import type { DutyOutcome } from './do-duties.ts';

export function appAlertDoer(ports: AlertPorts): (state: AppState, duty: AlertDuty) => Promise<DutyOutcome> {
  return async (state, duty) => {
    await ports.alerts.publish(composeAppAlert(state, duty));
    ports.metrics.add('AlertsPublished', 1);
    return 'done';
  };
}
