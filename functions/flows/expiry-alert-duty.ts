/** The duty to warn of a refresh token's end: published at least once, under a stable id; or nothing, where it is over. */
import { composeExpiryAlert } from '../core/compose-expiry-alert.ts';
import type { Connection } from '../core/connection.ts';
import type { AlertDuty } from '../core/duty.ts';
import type { Ports } from '../core/ports.ts';
import type { DutyOutcome } from './do-duties.ts';

export async function warnOfExpiry(
  ports: Pick<Ports, 'alerts' | 'metrics'>,
  connection: Connection,
  duty: AlertDuty,
): Promise<DutyOutcome> {
  const alert = composeExpiryAlert(connection, duty);
  if (alert === undefined) return 'done';
  await ports.alerts.publish(alert);
  ports.metrics.add('AlertsPublished', 1);
  ports.metrics.add('ExpiryWarnings', 1);
  return 'done';
}
