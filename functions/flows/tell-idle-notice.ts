/** The duty to warn of an org's tokens that idle: composed of those that still do when it is told, or nothing where none is left. */
import { composeIdleNotice } from '../core/compose-idle-notice.ts';
import type { AlertDuty } from '../core/duty.ts';
import { tokenLimitsOf } from '../core/expiry-ahead.ts';
import { endingBy } from '../core/idle-notice.ts';
import type { Watch } from '../core/watch.ts';
import { connectionsOfOrg } from './counted-connections.ts';
import type { DutyOutcome } from './do-duties.ts';
import type { JudgePorts } from './judge-org.ts';

export async function tellIdleNotice(ports: JudgePorts, watch: Watch, duty: AlertDuty): Promise<DutyOutcome> {
  const { store, config } = ports;
  const { app, orgId = '', idleNotice } = watch;
  const limits = tokenLimitsOf(config.apps[app]);
  const until = idleNotice?.until ?? duty.since;
  const alert = composeIdleNotice(watch, duty, endingBy(await connectionsOfOrg(store, app, orgId), limits, until));
  if (alert === undefined) return 'done';
  await ports.alerts.publish(alert);
  ports.metrics.add('AlertsPublished', 1);
  ports.metrics.add('ExpiryWarnings', 1);
  return 'done';
}
