/**
 * Tells that a connection works again whose failure an incident told: not at all while that is open, for its end counts it;
 * after it, one alert for the org in an hour, however many come back.
 */
import { composeAlert } from '../core/compose-alert.ts';
import type { Connection } from '../core/connection.ts';
import type { AlertDuty } from '../core/duty.ts';
import { newId } from '../core/new-id.ts';
import { alertDutyId } from '../core/own-alert.ts';
import { fleetWatchId, orgWatchId, type Watch } from '../core/watch.ts';
import { change, type Decision } from './change.ts';
import type { DutyOutcome } from './do-duties.ts';
import type { JudgePorts } from './judge-org.ts';

const recoveryEveryMs = 3_600_000;
/** Others come back with it. */
const gatherMs = 2 * 60_000;

export async function tellRecovery(
  ports: JudgePorts,
  connection: Connection,
  duty: AlertDuty,
  absorbedBy: string,
): Promise<DutyOutcome> {
  const { store, metrics } = ports;
  const { app, orgId } = connection;
  const [org, fleet] = await Promise.all([
    store.watches.read(orgWatchId(app, orgId)),
    store.watches.read(fleetWatchId(app, 'fleet_revocation')),
  ]);
  if (org?.incident?.id === absorbedBy || fleet?.incident?.id === absorbedBy) {
    metrics.add('AlertsAbsorbed', 1);
    return 'done';
  }
  const teller = fleet?.closed?.id === absorbedBy ? fleet : org;
  if (teller === undefined) {
    await ports.alerts.publish(composeAlert(connection, duty));
    metrics.add('AlertsPublished', 1);
    return 'done';
  }
  const until = await oweSummary(ports, teller, duty, absorbedBy);
  if (until !== undefined) return { kind: 'wait', until };
  metrics.add('AlertsAbsorbed', 1);
  return 'done';
}

/** @returns when to ask again, where one was told within the hour that may not have counted this one */
async function oweSummary(
  ports: JudgePorts,
  teller: Watch,
  { since, cause }: AlertDuty,
  absorbedBy: string,
): Promise<number | undefined> {
  const { result } = await change<string, Watch, number | undefined>(
    ports.store.watches,
    teller.id,
    (current): Decision<Watch, number | undefined> => {
      const now = ports.clock.now();
      const { recoveryToldAt, duties } = current ?? teller;
      const open = Object.values(duties).some((one) => one.kind === 'alert' && one.type === 'connection_recovered');
      if (open) return { keep: true, result: undefined };
      if (recoveryToldAt !== undefined && now - recoveryToldAt < recoveryEveryMs) {
        return { keep: true, result: recoveryToldAt + recoveryEveryMs };
      }
      const alertId = `${absorbedBy}.recovered.${Math.floor(now / recoveryEveryMs)}`;
      const owed: AlertDuty = {
        kind: 'alert',
        alertId,
        type: 'connection_recovered',
        cause,
        absorbedBy,
        since,
        dueAt: now + gatherMs,
        tries: 0,
      };
      const after = { ...(current ?? teller), recoveryToldAt: now, activeAt: now };
      return { write: { ...after, duties: { ...duties, [alertDutyId(alertId)]: owed } }, result: undefined };
    },
    { writeId: `${newId(ports.random)}.recovered`, seen: teller },
  );
  return result;
}
