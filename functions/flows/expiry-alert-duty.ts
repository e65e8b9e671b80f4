/**
 * The duty to warn of a refresh token's end: published at least once, under a stable id; or nothing, where it is over, or where
 * the org is warned of all its tokens that idle.
 */
import { composeExpiryAlert } from '../core/compose-expiry-alert.ts';
import type { Connection } from '../core/connection.ts';
import type { AlertDuty } from '../core/duty.ts';
import { warningOf } from '../core/expiry-ahead.ts';
import type { DutyOutcome } from './do-duties.ts';
import { isToldByOrg } from './idle-notice.ts';
import type { JudgePorts } from './judge-org.ts';

export async function warnOfExpiry(ports: JudgePorts, connection: Connection, duty: AlertDuty): Promise<DutyOutcome> {
  const warning = warningOf(connection, duty);
  const alert = composeExpiryAlert(connection, duty);
  if (warning === undefined || alert === undefined) return 'done';
  if (warning.end === 'idle' && (await isToldByOrg(ports, connection, warning.at))) {
    ports.metrics.add('AlertsAbsorbed', 1);
    return 'done';
  }
  await ports.alerts.publish(alert);
  ports.metrics.add('AlertsPublished', 1);
  ports.metrics.add('ExpiryWarnings', 1);
  return 'done';
}
