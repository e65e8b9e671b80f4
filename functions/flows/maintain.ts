/**
 * Each minute: the duties that their writers did not get to do. After a death, a failed call or a grace period.
 */
import type { Connection } from '../core/connection.ts';
import type { Incident, IncidentFinding } from '../core/incident.ts';
import type { Collection, DueDuty, Ports } from '../core/ports.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { type AlertPorts, alertDoer } from './alert-duty.ts';
import { appAlertDoer } from './app-alert-duty.ts';
import { countDoer } from './count-duty.ts';
import { type Doers, type DutyHolder, doDuties } from './do-duties.ts';
import { type Drained, drainLifeboat } from './drain-lifeboat.ts';
import { incidentAlertDoer } from './incident-alert-duty.ts';
import { linkDoer } from './link-duty.ts';
import type { LinkPorts } from './link-integration.ts';
import { connectionRevokeDoer, type RevokePorts, sessionRevokeDoer } from './revoke-duty.ts';
import { sessionAlertDoer } from './session-alert-duty.ts';
import { unlinkDoer } from './unlink-duty.ts';
import { createVault, type Vault } from './vault.ts';
import { watchAlertDoer } from './watch-alert-duty.ts';
import { watchBacklog } from './watch-backlog.ts';
import { type CertificatePorts, createWatchCertificates } from './watch-certificates.ts';
import { watchDoer } from './watch-duty.ts';
import { watchIncident } from './watch-incident.ts';
import { createWatchSecrets, type SecretAgePorts } from './watch-secrets.ts';

export type MaintainPorts = LinkPorts &
  RevokePorts &
  AlertPorts &
  CertificatePorts &
  SecretAgePorts &
  Pick<Ports, 'keys' | 'sealer' | 'random'>;

const pageSize = 100;
const pagesPerShardAtMost = 10;
const timeNeededMs = 20_000;

/** For one connection, at once: asked for by whoever may not open refresh tokens. */
export function createDoDutiesOf(ports: MaintainPorts): (connectionId: string) => Promise<void> {
  const doers = connectionDoers(ports, createVault(ports));
  return (connectionId) => doAll(ports, ports.store.connections, connectionId, doers);
}

function connectionDoers(ports: MaintainPorts, vault: Vault): Doers<Connection> {
  return {
    link: linkDoer(ports),
    unlink: unlinkDoer(ports),
    revoke: connectionRevokeDoer(ports, vault),
    alert: alertDoer(ports),
    count: countDoer(ports),
  };
}

export function createMaintain(ports: MaintainPorts): (remainingTimeMs: () => number) => Promise<number> {
  const vault = createVault(ports);
  const ofConnections = connectionDoers(ports, vault);
  const ofSessions = { revoke: sessionRevokeDoer(ports, vault), alert: sessionAlertDoer(ports) };
  const ofApps = { alert: appAlertDoer(ports) };
  const ofIncidents = { alert: incidentAlertDoer(ports) };
  const ofWatches = { watch: watchDoer(ports), alert: watchAlertDoer(ports) };
  const watchCertificates = createWatchCertificates(ports);
  const watchSecrets = createWatchSecrets(ports);

  async function doOne({ holder, id }: DueDuty): Promise<void> {
    try {
      await doDutiesOf(holder, id);
    } catch (error) {
      // One that cannot be done must not keep the others waiting; it is due again by itself.
      ports.log.error('A duty could not be done; it is tried again.', { holder, id, error });
    }
  }

  async function doDutiesOf(holder: DueDuty['holder'], id: string): Promise<void> {
    const { connections, sessions, apps, incidents, watches } = ports.store;
    switch (holder) {
      case 'connection':
        return doAll(ports, connections, id, ofConnections);
      case 'session':
        return doAll(ports, sessions, id, ofSessions);
      case 'app':
        return doAll(ports, apps, id, ofApps);
      case 'incident':
        return doAll(ports, incidents as Collection<string, Incident>, id, ofIncidents);
      case 'watch':
        return doAll(ports, watches, id, ofWatches);
    }
  }

  async function maintainShard(shard: number, now: number, remainingTimeMs: () => number): Promise<number> {
    let cursor: string | undefined;
    let done = 0;
    for (let pages = 0; pages < pagesPerShardAtMost; pages += 1) {
      const page = await ports.store.dueDuties(shard, now, pageSize, cursor);
      for (const due of page.items) {
        if (remainingTimeMs() < timeNeededMs) return done;
        await doOne(due);
        done += 1;
      }
      cursor = page.cursor;
      if (cursor === undefined) return done;
    }
    return done;
  }

  return async (remainingTimeMs) => {
    // First, for a revocation waits for what lies there.
    await emptyLifeboat(ports, remainingTimeMs);
    await watch(ports);
    const now = ports.clock.now();
    const counts = await Promise.all(
      Array.from({ length: ports.store.shards }, (_, shard) => maintainShard(shard, now, remainingTimeMs)),
    );
    // Last: they wait for other services, and an alert that they owe may go out a minute later.
    if (remainingTimeMs() >= timeNeededMs) await watchCertificates();
    if (remainingTimeMs() >= timeNeededMs) await watchSecrets();
    return counts.reduce((sum, count) => sum + count, 0);
  };
}

async function doAll<Holder extends DutyHolder>(
  ports: MaintainPorts,
  collection: Collection<string, Holder>,
  id: string,
  doers: Doers<Holder>,
): Promise<void> {
  const holder = await collection.read(id);
  if (holder !== undefined) await doDuties(ports, collection, holder, doers);
}

async function emptyLifeboat(ports: MaintainPorts, remainingTimeMs: () => number): Promise<void> {
  try {
    const drained = await drainLifeboat(ports, remainingTimeMs);
    ports.metrics.add('InLifeboat', drained.left);
    await watchIncident(ports, 'tokens_in_lifeboat', findingOf(drained));
  } catch (error) {
    ports.log.error('The lifeboat cannot be read.', { error });
  }
}

function findingOf({ found, left, oldestAt, connectionIds }: Drained): IncidentFinding | undefined {
  if (oldestAt === undefined) return undefined;
  return {
    evidence: [`${found} answers lay in the lifeboat, the oldest since ${rfc3339(oldestAt)}; ${left} are still there.`],
    connectionIds,
    counts: { found, left },
  };
}

/** What is noticed each minute. */
async function watch(ports: MaintainPorts): Promise<void> {
  try {
    await watchBacklog(ports);
  } catch (error) {
    ports.log.error('The backlog could not be looked at.', { error });
  }
}
