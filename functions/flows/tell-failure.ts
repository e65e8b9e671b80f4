/**
 * Tells that a connection fails, and why: two minutes after it was found out, when its org was counted. What the org's
 * window and the app's show then is written down with the cause, for it does not last; where an incident tells of the
 * failure, that is written down instead of an alert.
 */
import { composeAlert } from '../core/compose-alert.ts';
import { spikeThresholdsOf } from '../core/config.ts';
import type { Connection } from '../core/connection.ts';
import type { Diagnosis } from '../core/diagnosis.ts';
import type { AlertDuty } from '../core/duty.ts';
import { owesCount } from '../core/failing.ts';
import { newId } from '../core/new-id.ts';
import { alertDutyId } from '../core/own-alert.ts';
import { tellingIncident } from '../core/telling-incident.ts';
import { fleetWatchId, orgWatchId } from '../core/watch.ts';
import { change, type Decision } from './change.ts';
import { diagnoseConnection } from './diagnose-connection.ts';
import type { DutyOutcome } from './do-duties.ts';
import type { JudgePorts } from './judge-org.ts';
import { type Showing, windowsShow } from './windows-show.ts';

const countWaitMs = 30_000;
/** A count that cannot be done must not keep the alert for ever. */
const countWaitAtMostMs = 15 * 60_000;

export async function tellFailure(ports: JudgePorts, connection: Connection, duty: AlertDuty): Promise<DutyOutcome> {
  const { clock, metrics } = ports;
  if (connection.absorbedBy !== undefined) return 'done';
  const now = clock.now();
  // The org first: it may be an incident.
  if (owesCount(connection.duties) && now - duty.since < countWaitAtMostMs) {
    return { kind: 'wait', until: now + countWaitMs };
  }
  const absorbedBy = await absorberOf(ports, connection);
  const seen = withShowing(connection, await windowsShow(ports, connection));
  const diagnosis = await diagnoseConnection(ports, seen);
  const told = await writeDown(ports, seen, duty, diagnosis, absorbedBy);
  if (told === undefined) return 'done';
  if (told.status === 'reauthorization_required') metrics.add(`Dead_${told.cause ?? 'unknown'}`, 1);
  if (absorbedBy !== undefined) {
    metrics.add('AlertsAbsorbed', 1);
    return 'done';
  }
  await ports.alerts.publish(composeAlert(told, duty, diagnosis));
  metrics.add('AlertsPublished', 1);
  return 'done';
}

async function absorberOf({ store, config }: JudgePorts, connection: Connection): Promise<string | undefined> {
  const { app, orgId, failingSince } = connection;
  if (failingSince === undefined) return undefined;
  const [org, fleet] = await Promise.all([
    store.watches.read(orgWatchId(app, orgId)),
    store.watches.read(fleetWatchId(app, 'fleet_revocation')),
  ]);
  return tellingIncident(connection, org, fleet, spikeThresholdsOf(config, app).windowMinutes * 60_000);
}

/** `undefined`: it recovered, was authorized anew or disconnected meanwhile, and its duty is gone. */
async function writeDown(
  ports: JudgePorts,
  seen: Connection,
  duty: AlertDuty,
  diagnosis: Diagnosis | undefined,
  absorbedBy: string | undefined,
): Promise<Connection | undefined> {
  const { result } = await change<string, Connection, Connection | undefined>(
    ports.store.connections,
    seen.id,
    (current): Decision<Connection, Connection | undefined> => {
      if (current?.duties[alertDutyId(duty.alertId)] === undefined) return { keep: true, result: undefined };
      const shown = seen.grant?.death === undefined ? current : withDeath(current, seen.grant.death);
      const after: Connection = {
        ...shown,
        cause: diagnosis?.cause ?? current.cause,
        ...(absorbedBy === undefined ? {} : { absorbedBy }),
      };
      return { write: after, result: after };
    },
    { writeId: `${newId(ports.random)}.told` },
  );
  return result;
}

type Death = NonNullable<NonNullable<Connection['grant']>['death']>;

/** Of the connection as it is by now; of another grant than the one that died, nothing. */
function withDeath(connection: Connection, { org, fleet }: Death): Connection {
  const { grant } = connection;
  if (grant?.death === undefined) return connection;
  return { ...connection, grant: { ...grant, death: { ...grant.death, org, fleet } } };
}

function withShowing(connection: Connection, { org, fleet }: Showing): Connection {
  const { grant } = connection;
  if (grant?.death === undefined) return connection;
  return { ...connection, grant: { ...grant, death: { ...grant.death, org, fleet } } };
}
