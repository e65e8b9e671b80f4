/** The duty of the write that caused an app's alert: it is published at least once, under a stable id. */
import type { AppState } from '../core/circuit.ts';
import { composeAppAlert } from '../core/compose-app-alert.ts';
import type { AlertDuty } from '../core/duty.ts';
import type { Ports } from '../core/ports.ts';
import type { AlertPorts } from './alert-duty.ts';
import type { DutyOutcome } from './do-duties.ts';

export function appAlertDoer(
  ports: AlertPorts & Pick<Ports, 'config'>,
): (state: AppState, duty: AlertDuty) => Promise<DutyOutcome> {
  return async (state, duty) => {
    const flow = ports.config.apps[state.id]?.flow ?? 'authorization_code';
    await ports.alerts.publish(composeAppAlert(state, duty, flow));
    ports.metrics.add('AlertsPublished', 1);
    if (duty.type === 'expiry_approaching') ports.metrics.add('ExpiryWarnings', 1);
    return 'done';
  };
}
