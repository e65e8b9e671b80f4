/**
 * The alerts that a watch owes: published at least once, under a stable id. That of an org is left out where the incident
 * of all orgs tells of it, unless it may have gone out before.
 */
import { composeRecovery, composeWatchAlert } from '../core/compose-watch-alert.ts';
import type { Flow } from '../core/connection.ts';
import type { AlertDuty, Duty } from '../core/duty.ts';
import { newId } from '../core/new-id.ts';
import { alertDutyId } from '../core/own-alert.ts';
import { fleetWatchId, isOf, type Watch } from '../core/watch.ts';
import { change } from './change.ts';
import { connectionsOfOrg, sampleOfApp } from './counted-connections.ts';
import { type DutyOutcome, doDuties } from './do-duties.ts';
import type { JudgePorts } from './judge-org.ts';
import { tellIdleNotice } from './tell-idle-notice.ts';

export function watchAlertDoer(ports: JudgePorts): (watch: Watch, duty: AlertDuty) => Promise<DutyOutcome> {
  return async (watch, duty) => {
    if (duty.type === 'connection_recovered') return tellRecovery(ports, watch, duty);
    if (duty.type === 'expiry_approaching') return tellIdleNotice(ports, watch, duty);
    if (isAbsorbed(watch, duty)) return 'done';
    const opening = openingOf(watch, duty);
    if (opening !== undefined) return { kind: 'wait', until: Math.max(opening.dueAt, ports.clock.now()) + behindMs };
    const fleet = await absorberOf(ports, watch, duty);
    if (fleet !== undefined) return absorb(ports, watch, duty, fleet);
    await ports.alerts.publish(composeWatchAlert(watch, duty, flowOf(ports, watch)));
    ports.metrics.add('AlertsPublished', 1);
    return 'done';
  };
}

const behindMs = 30_000;
const endOf = '.resolved';

/** Of an end: the alert that tells of the incident, where that could not be published yet. The end must not overtake it. */
function openingOf({ duties }: Watch, { alertId }: AlertDuty): Duty | undefined {
  return alertId.endsWith(endOf) ? duties[alertDutyId(alertId.slice(0, -endOf.length))] : undefined;
}

/** Right away, by the process whose write owes it; what fails here is swept by `maintain`. */
export async function publishOwed(ports: JudgePorts, watch: Watch): Promise<void> {
  await doDuties(ports, ports.store.watches, watch, { alert: watchAlertDoer(ports) });
}

/** Whoever wrote that down died before it let go of the duty: nobody was told, and the end will be silent. */
function isAbsorbed({ incident, closed }: Watch, { alertId }: AlertDuty): boolean {
  const told = [incident, closed].find((one) => one?.id === alertId);
  return told?.absorbedBy !== undefined;
}

async function absorberOf(ports: JudgePorts, watch: Watch, duty: AlertDuty): Promise<string | undefined> {
  if (duty.type !== 'invalid_grant_spike' || duty.tries > 1) return undefined;
  const fleet = await ports.store.watches.read(fleetWatchId(watch.app, 'fleet_revocation'));
  return fleet?.incident?.id;
}

/** An incident that nobody was told of ends silently, too; of one that was told only this further alert is left out. */
async function absorb(ports: JudgePorts, watch: Watch, duty: AlertDuty, absorbedBy: string): Promise<DutyOutcome> {
  ports.metrics.add('AlertsAbsorbed', 1);
  await change<string, Watch, undefined>(
    ports.store.watches,
    watch.id,
    (current) => {
      const { incident } = current ?? {};
      if (current === undefined || incident?.id !== duty.alertId) return { keep: true, result: undefined };
      return { write: { ...current, incident: { ...incident, absorbedBy } }, result: undefined };
    },
    { writeId: `${newId(ports.random)}.absorb`, seen: watch },
  );
  return 'done';
}

async function tellRecovery(ports: JudgePorts, watch: Watch, duty: AlertDuty): Promise<DutyOutcome> {
  const { store } = ports;
  const { app, orgId, closed } = watch;
  const connections = orgId === undefined ? await sampleOfApp(store, app) : await connectionsOfOrg(store, app, orgId);
  // Each says itself which incident told of it: another one may have come after that.
  const still = connections.filter(({ absorbedBy }) => absorbedBy !== undefined && absorbedBy === duty.absorbedBy);
  const left = orgId === undefined ? new Set(still.map((one) => one.orgId)).size : still.length;
  const recovered = Math.max(1, isOf(duty.alertId, closed) ? closed.left - left : 0);
  await ports.alerts.publish(composeRecovery(watch, duty, recovered, left, flowOf(ports, watch)));
  ports.metrics.add('AlertsPublished', 1);
  return 'done';
}

/** An app that left the configuration is alerted as the most common ones. */
function flowOf({ config: { apps } }: JudgePorts, { app }: Watch): Flow {
  return (Object.hasOwn(apps, app) ? apps[app]?.flow : undefined) ?? 'authorization_code';
}
